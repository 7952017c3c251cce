# Sourced by the scripts beside it: it goes to the project's root and holds what several of them say or check.

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project_root"

say() {
    printf '%s\n' "$@"
}

# Ends the script with a sentence and what to do now.
stop_with() {
    printf '%s\n' "$@" >&2
    exit 1
}

require_swift() {
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1) || true
    [[ -n $version ]] || stop_with "There is no Swift toolchain on the PATH." \
        "Install Swift 6.3 for Debian 12 from https://www.swift.org/install/linux/ and put its usr/bin on the PATH."
    [[ $(printf '6.3\n%s\n' "$version" | sort -V | head -n 1) == 6.3 ]] || stop_with \
        "The Swift on the PATH is $version; this project needs 6.3." \
        "Install Swift 6.3 for Debian 12 from https://www.swift.org/install/linux/ and put its usr/bin first on the PATH."
}

# Builds one product in release and leaves its path in $binary.
build_release() {
    say "Building $1 (release)…"
    swift build -c release -j 2 --product "$1"
    binary=$(swift build -c release --show-bin-path)/$1
}
