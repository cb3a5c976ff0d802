#!/bin/sh
# A request is the environment and standard input; the answer is what is printed.
name=${PATH_INFO#/}
printf 'Content-Type: text/plain\n\nHello, %s\n' "${name:-world}"
