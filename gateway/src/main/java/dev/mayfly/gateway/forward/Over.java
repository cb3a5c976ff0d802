package dev.mayfly.gateway.forward;

/** The call has ended, or has not begun. Nothing that happens means anything to it. */
final class Over implements Phase {
    static final Over OVER = new Over();

    private Over() {}

    @Override
    public boolean endsWithCaller() {
        return false;
    }

    @Override
    public void fail(Call call, Outcome why, boolean broken) {}

    @Override
    public void giveBack(boolean broken) {}
}
