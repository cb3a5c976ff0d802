# Makes the bomb $1 of nothing but git objects, in the current repository; prints the commit.
set -euo pipefail
same() { # same COUNT MODE TYPE ID NAME: a tree with that many entries of the one object
  for i in $(seq "$1"); do printf '%s %s %s\t%s%05d\n' "$2" "$3" "$4" "$5" "$i"; done | git mktree
}
case $1 in
  nested) # 99^5 files
    tree=$(same 99 100644 blob "$(echo x | git hash-object -w --stdin)" f)
    for _ in 1 2 3 4; do tree=$(same 99 040000 tree "$tree" d); done
    ;;
  wide) # one blob of 32 MiB at 1,000 paths
    tree=$(same 1000 100644 blob "$(head -c 33554432 /dev/zero | git hash-object -w --stdin)" f)
    ;;
  deep) # 5,000 folders in each other
    tree=$(same 1 100644 blob "$(echo x | git hash-object -w --stdin)" f)
    for _ in $(seq 5000); do tree=$(printf '040000 tree %s\td\n' "$tree" | git mktree); done
    ;;
esac
git -c user.name=a -c user.email=a@localhost commit-tree -m bomb "$tree"
