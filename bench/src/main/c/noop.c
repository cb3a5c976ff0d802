/* Does nothing: what is left of its time is the sandbox around it. */
int main(void) { return 0; }
