#!/bin/sh
# Checks a package of a case of Muckwatch. POSIX shell, coreutils, sed, unzip, OpenSSL 3.0 or later; nothing of Muckwatch.
#
#   sh verify.sh [--key pub.pem] [--checkpoint FILE] [--tsa-ca CA.pem] CASE.zip
#   sh verify.sh [--key pub.pem] [...]            in the unpacked folder of the case
#
# --key         the public key as published, against which that of the package is held
# --checkpoint  a checkpoint of the log that you have from elsewhere, or a tlog-proof of this case in one
# --tsa-ca      certificates that you trust for time stamps (RFC 3161)
#
# A line a step: ok, failed, not checked, absent. Exit: 0, 65 if one failed, 66 if one that is there was not checked.
# This copy came with the package, and says what whoever made the package let it say: for a case that matters take it
# from Muckwatch's release. What it does not do is the replay: "muckctl evidence verify" does.
set -u
LC_ALL=C
export LC_ALL

key='' checkpoint='' tsa_ca='' zip=''
while [ $# -gt 0 ]; do
    case $1 in
    --key) key=${2:?--key needs a file}; shift 2 ;;
    --checkpoint) checkpoint=${2:?--checkpoint needs a file}; shift 2 ;;
    --tsa-ca) tsa_ca=${2:?--tsa-ca needs a file}; shift 2 ;;
    -*) echo "verify.sh: unknown option $1" >&2; exit 64 ;;
    *) zip=$1; shift ;;
    esac
done

tmp=$(mktemp -d) || exit 71
trap 'rm -rf "$tmp"' EXIT
trap 'exit 71' HUP INT TERM
nl='
'
worst=0
say() { # RESULT STEP TEXT
    printf '%-11s %s: %s\n' "$1" "$2" "$3"
    case $1 in
    failed) worst=65 ;;
    'not checked') [ "$2" = replay ] || [ $worst -eq 65 ] || worst=66 ;;
    esac
}
sha256() { sha256sum | { read -r h rest; printf '%s' "$h"; }; }
from_hex() { printf '%s' "$1" | tr a-f A-F | basenc --base16 -d; }
is_hash() { [ ${#1} -eq 64 ] && case $1 in *[!0-9a-f]*) false ;; esac; }
is_number() {
    case $1 in '' | *[!0-9]*) return 1 ;; 0) return 0 ;; 0*) return 1 ;; esac
    [ ${#1} -le 18 ]
}
member() { sed -n 's/.*"'"$1"'":"\([^"\\]*\)".*/\1/p'; } # of an object on one line

# ---- structure ----
# Why the names in the archive, one a line, are not those of a package; nothing: they are.
why_names() {
    while IFS= read -r name; do
        case /$name/ in
        //* | */../* | */./* | *//?* | *\\*) echo "$name: not a name that is taken"; return ;;
        esac
        case $name in
        *[!\ -~]*) echo "$name: not printable ASCII"; return ;;
        "$1"/*) ;;
        *) echo "$name: not in the folder $1" ; return ;;
        esac
    done <"$2"
    twice=$(tr A-Z a-z <"$2" | sort | uniq -d | head -n 1)
    [ -z "$twice" ] || echo "$twice: it stands twice, or differs from another in case alone"
}
open_zip() {
    unzip -Z1 "$zip" >"$tmp/names" 2>/dev/null || { why='not a ZIP archive'; return 1; }
    count=$(wc -l <"$tmp/names")
    [ "$count" -le 10000 ] || { why='more than 10,000 entries'; return 1; }
    IFS=/ read -r top rest <"$tmp/names"
    why=$(why_names "$top" "$tmp/names")
    [ -z "$why" ] || return 1
    why=$(unzip -Z "$zip" | while IFS= read -r line; do
        case $line in [lbcps][-r][-w]*) echo "a link or a device: $line"; break ;; esac
    done)
    [ -z "$why" ] || return 1
    total=$(unzip -Zt "$zip" | sed -n 's/.*files*, \([0-9]*\) bytes uncompressed.*/\1/p')
    is_number "$total" && [ "$total" -le 1073741824 ] || { why='more than 1 GiB of contents'; return 1; }
    unzip -tqq "$zip" >/dev/null 2>&1 || { why='the archive is damaged'; return 1; }
    unzip -qq "$zip" -d "$tmp/bag" >/dev/null 2>&1 </dev/null || { why='it cannot be unpacked'; return 1; }
    bag=$tmp/bag/$top
    sed "s,^[^/]*/,," "$tmp/names" >"$tmp/files"
}
open_folder() {
    bag=$(cd "$(dirname "$0")" && pwd)
    [ -z "$zip" ] || bag=$zip
    top=$(basename "$bag")
    (cd "$bag" && ls -1Rp) 2>/dev/null | { # the folders' own lines end in ':'
        dir=''
        while IFS= read -r line; do
            case $line in
            ./*:) dir=${line#./}; dir=${dir%:}/ ;;
            .: | '' | */) ;;
            *) printf '%s%s\n' "$dir" "$line" ;;
            esac
        done
    } >"$tmp/files"
}
nothing() {
    say failed structure "$why"
    for step in hashes signature key record inclusion checkpoint 'time stamp' sm2 review world fixes; do
        say 'not checked' "$step" 'it is no package'
    done
    exit 65
}
if [ -n "$zip" ] && [ ! -d "$zip" ]; then
    open_zip || nothing
else
    open_folder
fi
cd "$bag" || exit 66

info() { sed -n "s/^$1: //p" bag-info.txt 2>/dev/null | head -n 1; }
oxum() {
    bytes=0 files=0
    while IFS= read -r name; do
        case $name in data/*) [ -f "$name" ] || continue ;; *) continue ;; esac
        bytes=$((bytes + $(wc -c <"$name"))) files=$((files + 1))
    done <"$tmp/files"
    echo "$bytes.$files"
}
structure() {
    why='bagit.txt: missing, or not that of a BagIt 1.0 bag in UTF-8'
    [ "$(cat bagit.txt 2>/dev/null; echo .)" = "BagIt-Version: 1.0${nl}Tag-File-Character-Encoding: UTF-8${nl}." ] || return 1
    for file in README.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt data/violation.json data/raw.jsonl \
        data/actions.jsonl data/marks.jsonl data/world.json proof/pub.pem proof/software.txt; do
        why="$file: missing"
        [ -f "$file" ] && [ ! -L "$file" ] || return 1
    done
    why="bag-info.txt: External-Identifier is not the folder's name"
    [ "$(info External-Identifier)" = "$top" ] || return 1
    why="bag-info.txt: Payload-Oxum is not $(oxum)"
    [ "$(info Payload-Oxum)" = "$(oxum)" ]
}
if structure; then say ok structure "a BagIt 1.0 bag, case $top"; else say failed structure "$why"; fi

# ---- hashes ----
manifest_holds() { # FILE; names the first file that is not as it says
    while read -r hash path; do
        case $1/$path in
        manifest*/data/* | tagmanifest*/[!d]*) ;;
        *) why="$1: it names $path"; return 1 ;;
        esac
        case /$path/ in */../* | //*) why="$1: it names $path"; return 1 ;; esac
        [ -f "$path" ] && [ ! -L "$path" ] || { why="$path: $1 names it, and it is not there"; return 1; }
        [ "$(sha256 <"$path")" = "$hash" ] || { why="$path: it is not what $1 says (SHA-256)"; return 1; }
        printf '%s\n' "$path" >>"$tmp/named"
    done <"$1"
}
hashes() {
    : >"$tmp/named"
    manifest_holds tagmanifest-sha256.txt && manifest_holds manifest-sha256.txt || return 1
    named="$nl$(cat "$tmp/named")$nl"
    while IFS= read -r name; do
        case $name in '' | */ | tagmanifest-sha256.txt | tagmanifest.sig | tagmanifest.tsr | tagmanifest.sm2.sig) continue ;; esac
        case $named in *"$nl$name$nl"*) ;; *) why="$name: no manifest names it"; return 1 ;; esac
    done <"$tmp/files"
}
if hashes 2>/dev/null; then say ok hashes 'every file is what the manifests say (SHA-256)'; else say failed hashes "$why"; fi

# ---- signature and key ----
raw_key() { openssl pkey -pubin -in "$1" -outform DER 2>/dev/null | tail -c 32; }
fingerprint() { raw_key "$1" | sha256; }
if openssl pkeyutl -verify -pubin -inkey proof/pub.pem -rawin -in tagmanifest-sha256.txt -sigfile tagmanifest.sig >/dev/null 2>&1; then
    say ok signature 'the manifests are signed by the key in proof/pub.pem'
else
    say failed signature 'tagmanifest.sig: not a signature of tagmanifest-sha256.txt by the key in proof/pub.pem'
fi
own=$(fingerprint proof/pub.pem)
# A key as a vkey has it: NAME+ID+BASE64 of a byte for Ed25519 and the key, 44 characters, among which may be a plus.
vkey_bytes() { printf '%s' "$1" | tail -c 44 | base64 -d 2>/dev/null | tail -c 32; }
vkey_print() { vkey_bytes "$1" | sha256; }
# OpenSSL takes a key behind the head that PEM and DER have.
vkey_file() { { from_hex 302a300506032b6570032100; vkey_bytes "$1"; } >"$2"; }
# Whether a signature of the text is among those of a note, by a key in DER; the name stands before each.
signed_by() { # TEXT SIGNATURES DER
    while read -r dash name base64; do
        printf '%s' "$base64" | base64 -d 2>/dev/null | tail -c 64 >"$tmp/sig64"
        openssl pkeyutl -verify -pubin -keyform DER -inkey "$3" -rawin -in "$1" -sigfile "$tmp/sig64" >/dev/null 2>&1 && return 0
    done <"$2"
    return 1
}
# proof/keys.txt: the first key, and statements of rotation that both keys of each have signed: whether they lead from the one given to the package's.
keys_lead() { # FINGERPRINT of the one given
    [ -f proof/keys.txt ] || return 1
    met=false steps=0
    {
        IFS= read -r now || return 1
        [ "$(vkey_print "$now")" != "$1" ] || met=true
        while IFS= read -r empty; do
            IFS= read -r what && IFS= read -r old && IFS= read -r next && IFS= read -r empty && IFS= read -r one && IFS= read -r two || return 1
            [ "$what" = muckwatch/rotation/1 ] && [ "$old" = "$now" ] || return 1
            printf '%s\n%s\n%s\n' "$what" "$old" "$next" >"$tmp/rotation"
            printf '%s\n%s\n' "$one" "$two" >"$tmp/hands"
            vkey_file "$old" "$tmp/old" && vkey_file "$next" "$tmp/next"
            signed_by "$tmp/rotation" "$tmp/hands" "$tmp/old" && signed_by "$tmp/rotation" "$tmp/hands" "$tmp/next" || return 1
            now=$next
            ! $met || steps=$((steps + 1))
            [ "$(vkey_print "$now")" != "$1" ] || met=true
        done
    } <proof/keys.txt
    $met && [ "$(vkey_print "$now")" = "$own" ]
}
if [ -z "$key" ]; then
    say 'not checked' key "no --key was given: compare the fingerprint $own with the published one"
elif ! openssl pkey -pubin -in "$key" -noout 2>/dev/null; then
    say failed key "$key: not a public key"
elif [ "$own" = "$(fingerprint "$key")" ]; then
    say ok key "the key is the one given, fingerprint $own"
elif keys_lead "$(fingerprint "$key")"; then
    say ok key "the key given handed over to it, in $steps rotations that both keys signed; fingerprint $own"
else
    say failed key "proof/pub.pem: its fingerprint is $own, that of the key given $(fingerprint "$key")"
fi

# ---- record and log ----
draft=false
[ -f proof/record.json ] || [ "$(info Muckwatch-Edition)" != 0 ] || draft=true
record() {
    why='proof/record.json: missing'
    [ -f proof/record.json ] || return 1
    why='proof/record.json: it is the record of another case'
    [ "$(member id <proof/record.json)" = "$top" ] || return 1
    why='proof/record.json: it is not the record of this manifest-sha256.txt'
    [ "$(member manifest <proof/record.json)" = "$(sha256 <manifest-sha256.txt)" ] || return 1
    why='bag-info.txt: its edition is not that of proof/record.json'
    [ "$(sed -n 's/.*"edition":\([0-9]*\),.*/\1/p' proof/record.json)" = "$(info Muckwatch-Edition)" ]
}
if $draft; then say absent record 'a draft, made while the case went on: it is in no log'
elif record; then say ok record "edition $(info Muckwatch-Edition); it stands for every file below data/"
else say failed record "$why"; fi

to_hex() { base64 -d 2>/dev/null | basenc --base16 -w 0 | tr A-F a-f; }
node() { { printf '\001'; from_hex "$1"; from_hex "$2"; } | sha256; }
# Whether the note in a file is signed by the package's key; its three lines go to origin, size, root.
note_holds() {
    why='its checkpoint is not one'
    sed '/^$/,$d' "$1" >"$tmp/text"
    { IFS= read -r origin && IFS= read -r size && IFS= read -r root; } <"$tmp/text" || return 1
    [ "$(wc -l <"$tmp/text")" -eq 3 ] && is_number "$size" || return 1
    root=$(printf '%s' "$root" | to_hex)
    is_hash "$root" || return 1
    id=$({ printf '%s\n\001' "$origin"; raw_key proof/pub.pem; } | sha256sum | head -c 8)
    why='its checkpoint is not signed by the key in proof/pub.pem'
    sed -n '/^$/,$p' "$1" | sed -n 's/^— //p' >"$tmp/signatures"
    while read -r name base64; do
        [ "$name" = "$origin" ] || continue
        printf '%s' "$base64" | base64 -d >"$tmp/signature" 2>/dev/null || continue
        [ "$(head -c 4 "$tmp/signature" | basenc --base16 | tr A-F a-f)" = "$id" ] || continue
        tail -c 64 "$tmp/signature" >"$tmp/sig64"
        [ "$(wc -c <"$tmp/signature")" -eq 68 ] &&
            openssl pkeyutl -verify -pubin -inkey proof/pub.pem -rawin -in "$tmp/text" -sigfile "$tmp/sig64" >/dev/null 2>&1 && return 0
    done <"$tmp/signatures"
    return 1
}
# Whether a tlog-proof leads from the record to the root of its checkpoint (RFC 9162, 2.1.3.2).
proof_holds() {
    why='not a tlog-proof'
    { IFS= read -r first && IFS= read -r second; } <"$1" || return 1
    [ "$first" = c2sp.org/tlog-proof@v1 ] || return 1
    index=${second#index }
    [ "$second" = "index $index" ] && is_number "$index" || return 1
    sed '1,/^$/d' "$1" >"$tmp/note"
    note_holds "$tmp/note" || return 1
    why='it does not lead from proof/record.json to the root of its checkpoint'
    [ "$index" -lt "$size" ] || return 1
    hash=$({ printf '\000'; cat proof/record.json; } | sha256)
    fn=$index sn=$((size - 1))
    sed -n '3,/^$/p' "$1" | sed '$d' >"$tmp/path"
    while IFS= read -r line; do
        other=$(printf '%s' "$line" | to_hex)
        is_hash "$other" && [ "$sn" -gt 0 ] || return 1
        if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
            hash=$(node "$other" "$hash")
            while [ $((fn % 2)) -eq 0 ] && [ "$fn" -gt 0 ]; do fn=$((fn / 2)) sn=$((sn / 2)); done
        else
            hash=$(node "$hash" "$other")
        fi
        fn=$((fn / 2)) sn=$((sn / 2))
    done <"$tmp/path"
    [ "$sn" -eq 0 ] && [ "$hash" = "$root" ]
}
own_index='' own_size='' own_root='' own_origin=''
if $draft && [ ! -f proof/case.tlog-proof ]; then say absent inclusion 'a draft is in no log'
elif [ ! -f proof/case.tlog-proof ]; then say failed inclusion 'proof/case.tlog-proof: missing'
elif proof_holds proof/case.tlog-proof; then
    own_index=$index own_size=$size own_root=$root own_origin=$origin
    say ok inclusion "entry $index of the log '$origin', which had $size then"
else say failed inclusion "proof/case.tlog-proof: $why"; fi

judge_checkpoint() { # "RESULT TEXT"
    if [ -z "$own_index" ]; then echo 'not checked|there is no proof that it could be compared with'; return; fi
    IFS= read -r first <"$1"
    if [ "$first" = c2sp.org/tlog-proof@v1 ]; then
        if ! proof_holds "$1"; then echo "failed|--checkpoint: $why"
        elif [ "$index" != "$own_index" ]; then echo 'failed|--checkpoint: it has the case at another index'
        elif [ "$origin" != "$own_origin" ]; then echo 'failed|--checkpoint: it is of another log'
        else echo "ok|the log still had it at $size entries"; fi
    elif ! note_holds "$1"; then echo "failed|--checkpoint: $why"
    elif [ "$origin" != "$own_origin" ]; then echo 'failed|--checkpoint: it is of another log'
    elif [ "$size" = "$own_size" ] && [ "$root" != "$own_root" ]; then
        echo "failed|--checkpoint: the log had two roots at $size entries: it was forked"
    elif [ "$size" = "$own_size" ]; then echo "ok|the same checkpoint, of $size entries"
    else echo "not checked|--checkpoint: of $size entries, the case's is of $own_size: give a tlog-proof of entry $own_index in it"; fi
}
if [ -z "$checkpoint" ]; then say absent checkpoint 'no --checkpoint was given'
else
    judged=$(judge_checkpoint "$checkpoint")
    say "${judged%%|*}" checkpoint "${judged#*|}"
fi

# ---- signatures beside it ----
if [ ! -f tagmanifest.tsr ]; then say absent 'time stamp' 'there is no tagmanifest.tsr'
elif [ -z "$tsa_ca" ]; then say 'not checked' 'time stamp' 'tagmanifest.tsr: no --tsa-ca was given'
elif openssl ts -verify -in tagmanifest.tsr -data tagmanifest-sha256.txt -CAfile "$tsa_ca" >/dev/null 2>&1; then
    say ok 'time stamp' "$(openssl ts -reply -in tagmanifest.tsr -text 2>/dev/null | sed -n 's/^Time stamp: //p')"
else say failed 'time stamp' 'tagmanifest.tsr: not a time stamp of tagmanifest-sha256.txt by one of these'; fi
if [ ! -f tagmanifest.sm2.sig ]; then say absent sm2 'there is no tagmanifest.sm2.sig'
elif [ ! -f proof/sm2.pem ]; then say 'not checked' sm2 'proof/sm2.pem: missing'
elif openssl pkeyutl -verify -pubin -inkey proof/sm2.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678 \
    -in tagmanifest-sha256.txt -sigfile tagmanifest.sm2.sig >/dev/null 2>&1; then
    say ok sm2 'the manifests are signed by the key in proof/sm2.pem (SM2 with SM3)'
else say failed sm2 'tagmanifest.sm2.sig: not a signature of tagmanifest-sha256.txt by the key in proof/sm2.pem'; fi

# ---- what is in it ----
verdict=$(sed -n -e '/^{"stream":"actions"/!d' -e 's/.*"action":"reopen".*/none/p' \
    -e '/"action":"review"/s/.*"verdict":"\([a-z]*\)".*/\1/p' data/actions.jsonl 2>/dev/null | tail -n 1)
verdict=${verdict:-none}
said=$(info Muckwatch-Review)
case $verdict in approve) want=approved ;; reject) want=rejected ;; *) want=DRAFT ;; esac
if ! $draft && [ "$(member review <proof/record.json 2>/dev/null)" != "$verdict" ]; then
    say failed review 'data/actions.jsonl: its last review is not that of proof/record.json: one was taken out or put in'
else
    case $said in
    "$want"*) say ok review "$said" ;;
    *) say failed review 'bag-info.txt: Muckwatch-Review is not what data/actions.jsonl says' ;;
    esac
fi

name=$(b2sum -l 256 data/world.json 2>/dev/null | { read -r h rest; printf '%s' "$h"; })
named=$(sed 's/"ruleset":"/\n&/g' data/violation.json 2>/dev/null | sed -n 's/^"ruleset":"\([0-9a-f]*\)".*/\1/p' | tail -n 1)
if [ -n "$name" ] && [ "$name" = "$named" ]; then
    why=$(for file in data/worlds/*.json; do
        [ -f "$file" ] || continue
        h=$(b2sum -l 256 "$file"); h=${h%% *}
        [ "data/worlds/$h.json" = "$file" ] || { echo "$file: its BLAKE2b-256 is $h"; break; }
    done)
    if [ -z "$why" ]; then say ok world 'data/world.json is the ruleset that the violation names'; else say failed world "$why"; fi
else
    say failed world "data/world.json: its BLAKE2b-256 is $name, which data/violation.json does not name last"
fi

number=0 bad='' unread=0
sed -n 's/.*"sha256":"\([0-9a-f]*\)".*"fix":"\(.*\)"}$/\1 \2/p' data/raw.jsonl 2>/dev/null >"$tmp/fixes"
fixes=$(wc -l <"$tmp/fixes")
while IFS= read -r line; do
    number=$((number + 1))
    hash=${line%% *}
    case $line in *\\[!\"/\\]*) unread=$((unread + 1)); continue ;; esac
    fix=$(printf '%s' "${line#* }" | sed 's/\\\(["/\\]\)/\1/g')
    [ "$(printf '%s' "$fix" | sha256)" = "$hash" ] || { bad=$number; break; }
done <"$tmp/fixes"
if [ -n "$bad" ]; then say failed fixes "data/raw.jsonl: fix $bad is not the one of its hash"
elif [ "$unread" -gt 0 ]; then say 'not checked' fixes "data/raw.jsonl: $unread fixes have escapes that this script does not read"
else say ok fixes "$fixes fixes with the hashes of their bytes"; fi
say 'not checked' replay 'this script does not: "muckctl evidence verify" does'
exit $worst
