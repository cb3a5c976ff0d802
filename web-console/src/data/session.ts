/** Who is signed in. */
import { createContext, useContext } from 'react';
import type { Session } from './api';

const SessionContext = createContext<Session | null>(null);

export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('pages are for those who are signed in');
  return session;
}

/** The tenant whose apps are shown. */
export const useTenant = () => useSession().tenants[0]?.name ?? '';
