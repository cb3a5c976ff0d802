"""python3 bindable.py SOCKET CONTROL|- PROGRAM...: becomes the program, as an instance's starter would start it: standard
input is a socket that listens, descriptor 3 a connected one or nothing. The control socket's inode is the first line of output."""

import fcntl
import os
import socket
import sys


def at(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    listener.listen(128)
    os.rename(path + ".new", path)  # Whoever sees it can connect.
    return fcntl.fcntl(listener.fileno(), fcntl.F_DUPFD, 100)


served, control, *command = sys.argv[1:]
first = at(served)
if control != "-":
    door = socket.socket(fileno=at(control))
    accepted, _ = door.accept()
    peer = fcntl.fcntl(accepted.fileno(), fcntl.F_DUPFD, 100)
    print(f"control={os.fstat(peer).st_ino}", flush=True)
    os.dup2(peer, 3)
else:
    os.closerange(3, 4)
os.dup2(first, 0)
os.closerange(4, 1024)
program = sys.executable if command[0] == "python3" else command[0]
os.execvp(program, [program, *command[1:]])
