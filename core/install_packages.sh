#!/bin/sh
# Installs the packages that a command of a wheel needs: sh install_packages.sh VENV COMMAND ...
set -eu
umask 022

here=$(dirname -- "$(readlink -f -- "$0")")
venv=$1
shift
# shellcheck disable=SC2034
command=$1
# shellcheck source=core/packages.sh
. "$here/packages.sh"
find_home
install_packages
