# Makes one base image out of Debian's packages: base-image-N.sh FOLDER run|build SUITE [MIRROR [OPTION OF APT]]. N is the number
# of the recipe: another recipe is another file, so that an old image is not taken for a new one.
# The server runs it when it starts; on a new machine ./mayfly up runs it while the server is being compiled. Where the image
# is there already nothing is done; what a killed run left is deleted. It appears under its name as a whole or not at all.
set -eu
folder=$1 name=$2 suite=$3 mirror=${4:-} option=${5:-}
exec </dev/null

packages=bash,ca-certificates,curl,libatomic1,python3,python3-venv,tzdata,unzip,xz-utils
[ "$name" = run ] || packages=$packages,build-essential,git,libpq-dev,pkg-config,python3-dev

[ ! -e "$folder/$name" ] || exit 0
rm -rf "$folder/$name.part" "$folder/$name.temp"
mkdir -p "$folder/$name.part" "$folder/$name.temp"
export TMPDIR=$folder/$name.temp
mmdebstrap --mode=root --variant=minbase --quiet ${option:+"--aptopt=$option"} \
  '--dpkgopt=path-exclude=/usr/share/doc/*' '--dpkgopt=path-exclude=/usr/share/man/*' '--dpkgopt=path-exclude=/usr/share/locale/*' \
  "--include=$packages" "$suite" "$folder/$name.tar" ${mirror:+"$mirror"}
tar -x -C "$folder/$name.part" --numeric-owner '--exclude=./dev/*' -f "$folder/$name.tar"
rm -rf "$folder/$name.tar" "$folder/$name.temp"
mv -T "$folder/$name.part" "$folder/$name"
