/** A question that must be answered before anything else: the keyboard stays in it, and Escape says no. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactNode } from 'react';
import './dialog.css';

interface Question {
  /** What opens it. */
  button: string;
  title: string;
  /** Read out with the title. */
  description: string;
  /** The form that does it, with the button that cancels beside its own. */
  children: (cancel: ReactNode) => ReactNode;
}

export function Dialog({ button, title, description, children }: Question) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger className="danger">{button}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description>{description}</AlertDialog.Description>
          {children(<AlertDialog.Close className="quiet">Cancel</AlertDialog.Close>)}
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
