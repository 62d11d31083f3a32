# shellcheck shell=bash
# awsenv for bash 3.2 and later; the guard needs 4.4 (PS0). `awsenv init bash` prints a few assignments, then the first
# part of this file; the second comes with the answer to the first prompt's question, the third when it is first needed.
# What stands between two marks, `only with a program for Windows` and `with any program`, other programs leave out.
#
# Three rules hold everywhere below:
# - With nothing changed a prompt starts no process: no subshell, no command substitution, builtins only.
# - Nothing read from a file or inherited enters arithmetic, -gt, printf -v, ${!x} or a subscript before a test that it
#   is 1 to 11 digits without a leading zero, for bash runs code that it finds there: a[$(x)].
# - `\builtin` and `\command` stand where a person's alias or function of that name would change what happens.
#
# shellcheck disable=SC2034,SC2154  # The preamble and the other parts assign and read what this one does not.

# ---------------------------------------------------------------------------------------------------------- state

# A second `eval` in the same shell keeps what `use` remembers; the first throws away what came with the environment.
# No environment can hold an array, but `set -a` puts functions and other variables there.
if [[ ${__awsenv_own[1]-} != here ]]; then
    __awsenv_own=('' here)
    __awsenv_kept_names=() __awsenv_kept_was=() __awsenv_kept_had=() __awsenv_kept_now=() __awsenv_kept_has=()
    __awsenv_previous='' __awsenv_switched='' __awsenv_guarded='' __awsenv_hinted='' __awsenv_count=$__awsenv_seed
    __awsenv_end_owned='' __awsenv_end_had='' __awsenv_end_was='' __awsenv_put='' __awsenv_starship_next=''
    __awsenv_typed=0 __awsenv_loads=0
fi
# An older hook, loaded in this shell before the program was replaced, has not counted.
__awsenv_loads=$((${__awsenv_loads:-0} + 1))
__awsenv_retry=0 __awsenv_pipes=0 __awsenv_core='' __awsenv_loaded='' __awsenv_displaced=''
# Before PS0 and ${x@a}.
__awsenv_is_old=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404))
# What PROMPT_COMMAND runs where nobody else has a hook; else first and last. Until the first prompt nothing is known.
__awsenv_only=__awsenv_start_alone __awsenv_first=__awsenv_start __awsenv_last=__awsenv_start
# In a string the hooks behind ours would see our $? and PIPESTATUS. `return` gives the one back; the other is written
# by the third expression of a `for ((...))`, the only place that is evaluated after a command without being one. An
# array's elements (5.1) each see the originals. `&&:` keeps a status from ERR traps and `set -e`; alone ours gives none. The
# functions stand in variables, so that a copy of the text in a child shell, or kept by another tool, does nothing where
# they are unset.
# shellcheck disable=SC2016  # Text for PROMPT_COMMAND: bash expands it there.
__awsenv_loop='for((__awsenv_i=0;__awsenv_i<1;__awsenv_i++,${__awsenv_pipes-0}));do "${__awsenv_first-:}"&&:;done'
# shellcheck disable=SC2016  # As above.
__awsenv_whole='"${__awsenv_only-:}"'
# shellcheck disable=SC2016  # As above.
__awsenv_head='"${__awsenv_first-:}"&&:'
# shellcheck disable=SC2016  # As above.
__awsenv_tail='"${__awsenv_last-:}"&&:'

# The first prompt. The binary answers what every prompt asks it after a change, and what a prompt needs comes with the
# answer. No binary, or a failure: silence, and the next try in a minute (in an old bash, which has no clock: none).
__awsenv_start() {
    local status=$? now=0 out
    ((__awsenv_is_old)) || \builtin printf -v now '%(%s)T' -1
    if ((now >= __awsenv_retry || __awsenv_retry - now > 60)) && __awsenv_has_bin; then
        __awsenv_retry=$((now + 60))
        # An inherited variable of one of these names was exported; a child must not see ours.
        # shellcheck disable=SC2086  # The prefix expansion gives names only.
        \builtin export -n ${!__awsenv_@}
        if out=$("$__awsenv_bin" hook bash 1 first 2>/dev/null </dev/null); then
            \builtin eval "$out"
            __awsenv_first_prompt
        fi
    fi
    return "$status"
}

__awsenv_start_alone() { __awsenv_start || :; }

# ------------------------------------------------------------------------------------------------- the command awsenv

function awsenv {
    # Is the hook gone from PROMPT_COMMAND, which somebody assigned anew? Above 1: no prompt of ours since the last line.
    # A subshell, which a pipe makes, can only tell so.
    if [[ $__awsenv_typed != 1 && $- == *i* ]] && { ((__awsenv_typed > 1)) ||
        [[ "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}" != *__awsenv_* ]]; }; then
        __awsenv_displaced=${__awsenv_displaced:-${__awsenv_core:-never}}
        [[ ${BASHPID-$$} != "$$" ]] || ! __awsenv_more || __awsenv_place
    fi
    case ${1-} in
        use | leave | off | doctor | setup | status)
            if __awsenv_more; then
                __awsenv_here "$@"
                return
            elif [[ $1 == off ]]; then
                # The binary is gone. What stands in PROMPT_COMMAND, PS0 and PS1 does nothing without these.
                # shellcheck disable=SC2046,SC2086  # Names of functions, and of variables.
                \builtin unset -f awsenv $__awsenv_guarded $(\builtin compgen -A function __awsenv_)
                [[ ${AWSENV_NAMES-} != *' AWS_SESSION_EXPIRATION:'* ]] || \builtin unset -v AWS_SESSION_EXPIRATION
                # shellcheck disable=SC2086  # As above.
                \builtin unset -v AWSENV_PROMPT ${!__awsenv_@}
                return
            fi
            ;;
    esac
    __awsenv_run "$@"
}

__awsenv_run() {
    if __awsenv_has_bin; then
        "$__awsenv_bin" "$@"
    else
        # Moved by an upgrade, perhaps.
        \command awsenv "$@"
    fi
}

# ==== only with a program for Windows ====
# Everything that a person's words go to. MSYS2 takes words that begin with a slash for paths and makes them Windows'
# own: a profile `/dev`, `aws ssm get-parameter --name /aws/x` in the guard's words. Off for these calls alone, and for words
# alone: MSYS_NO_PATHCONV would do it for variables too, and AWS_CONFIG_FILE would be nowhere. What `exec` runs is to see
# what it would see without us; so is what the others start, to which they give the person's own value back.
case ${OSTYPE-} in
    msys* | cygwin*)
        __awsenv_run() {
            local ask='' own=${MSYS2_ARG_CONV_EXCL-}
            case ${1-} in
                # In a subshell already, and what they print is for the hook.
                guard | switch) ask=__awsenv_talk ;;
                # Those that may ask.
                refresh | login | logout | setup | export | console | iam | keyring | sso) ask=__awsenv_talk_apart ;;
            esac
            if [[ -n $ask ]] && __awsenv_has_bin && __awsenv_more; then
                "$ask" "$@"
            elif ! __awsenv_has_bin; then
                \command awsenv "$@"
            elif [[ ${1-} == exec ]]; then
                "$__awsenv_bin" "$@"
            else
                AWSENV_ARG_CONV_EXCL=$own MSYS2_ARG_CONV_EXCL='*' "$__awsenv_bin" "$@"
            fi
        }
        ;;
esac
# ==== with any program ====

# Loads the third part, and before a first prompt the second, once. 1 is what fits this text: the binary may have been
# replaced since.
__awsenv_more() {
    local text parts=(--part first-prompt --part first-use)
    [[ $__awsenv_loaded != 1 ]] || return 0
    [[ -z $__awsenv_core ]] || parts=(--part first-use)
    __awsenv_has_bin && text=$("$__awsenv_bin" init bash "${parts[@]}" 2>/dev/null </dev/null) || return 1
    \builtin eval "$text"
    [[ $__awsenv_loaded == 1 ]]
}

__awsenv_is_array() {
    ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)) &&
        [[ -n ${PROMPT_COMMAND[*]+x} && ${PROMPT_COMMAND[*]@a} == *a* ]]
}

__awsenv_has_bin() { [[ -f $__awsenv_bin && -x $__awsenv_bin ]]; }

__awsenv_tab() {
    COMPREPLY=()
    ! __awsenv_more || __awsenv_complete "$@"
}

# ------------------------------------------------------------------------------------------------------------- load

# Around whatever is there; see __awsenv_place for what may happen to it later.
case $- in
    *i*)
        if [[ ${PROMPT_COMMAND[*]-} == *__awsenv_* ]]; then
            :
        elif \builtin declare -F __bp_precmd_invoke_cmd >/dev/null; then
            [[ " ${precmd_functions[*]-} " == *' __awsenv_'* ]] || precmd_functions+=(__awsenv_start)
        elif [[ -z ${PROMPT_COMMAND[*]-} ]]; then
            PROMPT_COMMAND=$__awsenv_whole
        elif __awsenv_is_array; then
            PROMPT_COMMAND=("$__awsenv_head" "${PROMPT_COMMAND[@]}" "$__awsenv_tail")
        else
            # shellcheck disable=SC2128,SC2178  # No array here.
            PROMPT_COMMAND=$__awsenv_loop\;$PROMPT_COMMAND$'\n'$__awsenv_tail
        fi
        \builtin complete -o bashdefault -o default -F __awsenv_tab awsenv 2>/dev/null || :
        ;;
esac
if [[ -n $__awsenv_want_profile ]] &&
    [[ -z ${AWS_PROFILE-}${AWS_DEFAULT_PROFILE-}${AWS_ACCESS_KEY_ID-}${AWSENV_PROFILE-} ]] && __awsenv_more; then
    __awsenv_use "$__awsenv_want_profile"
fi

# ==== loaded with the first prompt ====
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # The preamble and the other parts assign and read what this one does not.

# What the first prompt assigns before it reads it is not here.
__awsenv_stopped='' __awsenv_runs='' __awsenv_void='' __awsenv_path='' __awsenv_tool='' __awsenv_now=0 __awsenv_i=0
__awsenv_key='' __awsenv_armed='' __awsenv_expected='' __awsenv_places='' __awsenv_hooks='' __awsenv_all='' __awsenv_options=''
__awsenv_marks=0 __awsenv_assume_typed=0 __awsenv_before_it='' __awsenv_retry='' __awsenv_name='' __awsenv_expiry=0
# No stamp's line is this one.
__awsenv_seen=$'\n'
__awsenv_only=__awsenv_only __awsenv_first=__awsenv_before __awsenv_last=__awsenv_after

# The test of the second rule.
__awsenv_digits() {
    case $1 in
        0) ;;
        '' | 0* | *[!0123456789]* | ????????????*) return 1 ;;
    esac
}

# The clock: seconds since 1970 in __awsenv_now. EPOCHSECONDS and SECONDS lose their meaning when somebody unsets them.
if ((BASH_VERSINFO[0] >= 5)); then
    __awsenv_tick() {
        __awsenv_now=${EPOCHSECONDS-}
        case $__awsenv_now in
            *[!0123456789]* | 0* | '') \builtin printf -v __awsenv_now '%(%s)T' -1 ;;
        esac
    }
elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then
    __awsenv_tick() { \builtin printf -v __awsenv_now '%(%s)T' -1; }
else
    # One process, at load.
    __awsenv_t0=$(\command date +%s)
    ! __awsenv_digits "${SECONDS-}" || __awsenv_t0=$((__awsenv_t0 - SECONDS))
    __awsenv_tick() {
        if __awsenv_digits "${SECONDS-}"; then
            __awsenv_now=$((__awsenv_t0 + SECONDS))
        else
            __awsenv_now=$(\command date +%s)
        fi
    }
fi

# A text that may go to a terminal: no C0, DEL, C1, bidi controls, line separators. Bytes, whatever the locale says.
__awsenv_plain() {
    local LC_ALL=C
    case $1 in
        *[[:cntrl:]]* | *$'\302'[$'\200'-$'\237']*) return 1 ;;
        *$'\342\200'[$'\216\217\250'-$'\256']* | *$'\342\201'[$'\246'-$'\251']* | *$'\330\234'*) return 1 ;;
    esac
}

__awsenv_say() { \builtin printf 'awsenv: %s\n' "$*" >&2; }

# ----------------------------------------------------------------------------------------------------- the prompt

# The binary has just said all that it says after a change.
__awsenv_first_prompt() {
    __awsenv_tick
    __awsenv_read_key
    __awsenv_key=$__awsenv_key_now
    __awsenv_take_answer
    __awsenv_runs=x
    __awsenv_look_around
}

# The whole of PROMPT_COMMAND where nobody else has a hook: bash itself keeps $? and PIPESTATUS for the user. Budget: a
# fortieth of `direnv hook`. So this is written anew by __awsenv_write_tests after whatever has changed: as one condition,
# since a statement costs more than what it looks at, and bash copies a function with each call.
__awsenv_only() {
    __awsenv_only_changed
}

__awsenv_only_changed() {
    __awsenv_typed=$__awsenv_assume_typed
    __awsenv_update
    __awsenv_runs=x
    __awsenv_look_around
}

# A line that did not go well, as $1 says.
__awsenv_only_failed() {
    local status=$1 typed=${__awsenv_before_it:-$__awsenv_typed}
    __awsenv_before_it=''
    __awsenv_only
    __awsenv_hint
    return 0
}

# First in PROMPT_COMMAND, before other hooks.
__awsenv_before() {
    local status=$? pipes="${PIPESTATUS[*]}" typed=${__awsenv_before_it:-$__awsenv_typed}
    __awsenv_typed=0 __awsenv_before_it='' __awsenv_pipes=0 __awsenv_runs+=x
    if ! [ "$pipes" = "$status" ]; then
        __awsenv_note_pipes "$pipes"
    fi
    # Twice without __awsenv_after: somebody took that away.
    [[ $__awsenv_runs != xxx* ]] || __awsenv_place
    __awsenv_update
    [[ $status == 0 ]] || __awsenv_hint
    return "$status"
}

# What the loop around __awsenv_before in a PROMPT_COMMAND string gives back to the hooks behind it (see __awsenv_loop).
__awsenv_note_pipes() {
    local i=0 pipe
    # Joined by the first character of whatever IFS the user has.
    [[ ${IFS- } == [!0123456789]* ]] || return 0
    local IFS=' '
    for pipe in ${1//[!0123456789]/ }; do
        __awsenv_pipes+=",PIPESTATUS[$i]=$pipe"
        i=$((i + 1))
    done
}

# Last in PROMPT_COMMAND: hooks such as direnv's have changed what they change, and PS1 stands as it will be shown.
__awsenv_after() {
    local status=$? now
    __awsenv_typed=$__awsenv_assume_typed
    __awsenv_read_key
    now=$__awsenv_key_now,$__awsenv_runs,${PATH-},${PROMPT_COMMAND[*]-},${PS0-},${PS1-},${BASHOPTS-}
    # `[`, not `[[`: the latter compares without case under nocasematch.
    if ! [ "$now" = "$__awsenv_key,x,$__awsenv_places" ]; then
        __awsenv_update
        __awsenv_look_around
    fi
    __awsenv_runs=''
    return "$status"
}

# Everything that decides which profile is in force and how it looks, as one string. Without quotes, which neither an
# assignment needs nor a condition in `[[`: with them each takes twice as long.
# shellcheck disable=SC2016  # Text for eval.
__awsenv_key_text='${AWS_PROFILE-},${AWS_DEFAULT_PROFILE-},${AWS_ACCESS_KEY_ID-},${AWS_CONFIG_FILE-},${AWS_SHARED_CREDENTIALS_FILE-},${AWSENV_PROFILE-},${AWSENV_CONFIG-},${AWSENV_STATE_DIR-},${HOME-},${NO_COLOR-}'
\builtin eval "__awsenv_read_key() { __awsenv_key_now=$__awsenv_key_text; }"

# Asks the binary when something changed, rebuilds the text when its minute is over.
__awsenv_update() {
    ! __awsenv_is_current || return 0
    __awsenv_tick
    __awsenv_read_key
    if ! [ "$__awsenv_key_now" = "$__awsenv_key" ]; then
        __awsenv_ask_binary
    elif [[ -n $__awsenv_retry ]]; then
        # Also when the clock was set back.
        if ((__awsenv_now >= __awsenv_retry || __awsenv_retry - __awsenv_now > 60)); then
            __awsenv_ask_binary
        fi
    elif ! __awsenv_is_unchanged; then
        __awsenv_ask_binary
    fi
    __awsenv_take_answer
}

# What follows from what the binary has said, and from the clock.
__awsenv_take_answer() {
    # No place for a stamp: nothing tells when a file has changed, so once a minute is enough.
    [[ -n $__awsenv_stamp || -n $__awsenv_retry ]] || __awsenv_retry=$((__awsenv_now + 60))
    __awsenv_is_armed || __awsenv_arm
    [ "$__awsenv_line" = "$__awsenv_seen" ] || __awsenv_read_line "$__awsenv_line"
    __awsenv_render
    __awsenv_publish
    __awsenv_write_tests
    __awsenv_expected=$__awsenv_key,${AWSENV_PROMPT-},${AWS_SESSION_EXPIRATION--}
    __awsenv_all=$__awsenv_assume_typed,$__awsenv_expected,$__awsenv_places
}

# Writes the tests of the common prompt. is_unchanged: no watched file is newer than the stamp or gone, no absent one is
# there. is_current: also, the text is still right, and the key and what is published are as they were. only: also, all
# stands where it must. What the stamp says need not be read: its time of change is part of its name, so this shell's
# stamp is never another one. Each test is one condition, over variables of its own for each file, since a loop over the
# lists takes four times as long.
# shellcheck disable=SC2016  # Text for eval.
__awsenv_write_tests() {
    local i file changed='' folders=$'\n' now tick='' status='$?' key places current only
    __awsenv_assume_typed=0 __awsenv_options=${BASHOPTS-}
    __awsenv_has_mark || __awsenv_assume_typed=1
    # A file that appears in a folder, or goes, makes the folder newer: only what lies elsewhere, and where a link leads,
    # is looked for itself.
    for ((i = 0; i < ${#__awsenv_watch[@]}; i++)); do
        folders+=${__awsenv_watch[i]-}$'\n'
    done
    for ((i = 0; i < ${#__awsenv_watch[@]}; i++)); do
        file=${__awsenv_watch[i]-}
        \builtin eval "__awsenv_watch_$i=\$file"
        changed+=" || \$__awsenv_watch_$i -nt \$__awsenv_stamp"
        [[ $folders == *$'\n'"${file%/*}"$'\n'* && ! -L $file ]] || changed+=" || ! -e \$__awsenv_watch_$i"
    done
    for ((i = 0; i < ${#__awsenv_absent[@]}; i++)); do
        folders+=${__awsenv_absent[i]-}$'\n'
    done
    for ((i = 0; i < ${#__awsenv_absent[@]}; i++)); do
        file=${__awsenv_absent[i]-}
        [[ $folders != *$'\n'"${file%/*}"$'\n'* || -L $file ]] || continue
        \builtin eval "__awsenv_absent_$i=\$file"
        changed+=" || -e \$__awsenv_absent_$i"
    done
    # AWS_PROFILE without export is nothing to the binary; that it was exported later is in no key.
    if ((__awsenv_is_old == 0)) && [[ -n ${AWS_PROFILE-} && ${AWS_PROFILE@a} != *x* ]]; then
        changed+=' || ${AWS_PROFILE@a} == *x*'
    fi
    # No stamp to compare files with: the clock decides.
    [[ -z $__awsenv_retry ]] || changed='-n x'
    changed=${changed# || }
    \builtin eval "__awsenv_is_unchanged() { ! [[ ${changed:=-z x} ]]; }"

    # The text is right from one second to another. Compared as text: both have ten digits, and nobody has looked at what
    # the variable holds.
    now='${EPOCHSECONDS-}'
    if ((BASH_VERSINFO[0] < 5)); then
        tick='__awsenv_status=$?; __awsenv_tick;' now='$__awsenv_now' status='$__awsenv_status'
    fi
    ((__awsenv_from == 0)) || changed+=" || $now < $__awsenv_from"
    ((__awsenv_to == 99999999999)) || changed+=" || $now > $__awsenv_to"
    key=$__awsenv_key_text',${AWSENV_PROMPT-},${AWS_SESSION_EXPIRATION--}'
    places='${PATH-},${PROMPT_COMMAND[*]-},${PS0-},${PS1-},${BASHOPTS-}'
    # The typed line is over, too.
    only="\$((__awsenv_typed=$__awsenv_assume_typed)),$key,$places"
    # `[[` compares without case under nocasematch; that BASHOPTS has changed is seen either way. It came with 4.1.
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 401)) || \builtin shopt -q nocasematch; then
        current="[[ $changed ]] || ! [ \"$key\" = \"\$__awsenv_expected\" ]"
        only="[[ $changed ]] || ! [ \"$only\" = \"\$__awsenv_all\" ] || ! shopt -q promptvars"
    else
        current="[[ $changed || $key != \"\$__awsenv_expected\" ]]"
        only="[[ $changed || $only != \"\$__awsenv_all\" ]]"
    fi
    \builtin eval "__awsenv_is_current() { $tick ! { $current; }; }
    __awsenv_only() {
        $tick case $status in
            0) if $only; then __awsenv_only_changed; fi ;;
            *) __awsenv_only_failed \"$status\" ;;
        esac
    }"
}
__awsenv_is_current() { return 1; }

# One start of the binary, silent: its answer says where the stamp is and what to watch.
__awsenv_ask_binary() {
    local out
    __awsenv_key=$__awsenv_key_now __awsenv_stamp='' __awsenv_line='' __awsenv_name='' __awsenv_through='' __awsenv_retry=''
    __awsenv_due=0 __awsenv_watch=() __awsenv_absent=() __awsenv_margins=()
    # `set -a` may have been on for a while.
    # shellcheck disable=SC2086  # The prefix expansion gives names only.
    \builtin export -n ${!__awsenv_@}
    if __awsenv_has_bin && out=$("$__awsenv_bin" hook bash 1 2>/dev/null </dev/null); then
        \builtin eval "$out"
    else
        __awsenv_retry=$((__awsenv_now + 60))
    fi
}

# Takes a stamp's line apart: `1 EXPIRY STATE MARGIN RFC3339 LABEL`. A line that is anything else is no session.
__awsenv_read_line() {
    local rest expiry state margin when label=''
    __awsenv_seen=$1 __awsenv_valid='' __awsenv_expiry=0 __awsenv_state=none __awsenv_margin=0 __awsenv_when=-
    __awsenv_label='' __awsenv_from=1 __awsenv_to=0
    [[ -n $1 ]] || return 0
    # The length first: what follows takes minutes for a megabyte.
    if ((${#1} <= 1024)) && [[ $1 == '1 '* ]] && __awsenv_plain "${1/$'\t'/}"; then
        rest=${1#1 }
        expiry=${rest%% *} rest=${rest#* }
        state=${rest%% *} rest=${rest#* }
        margin=${rest%% *} rest=${rest#* }
        when=${rest%% *}
        [[ $rest != *' '* ]] || label=${rest#* }
        case $state in
            valid | expiring | refreshable | expired | missing | permanent | unknown | none) __awsenv_valid=1 ;;
        esac
        case $when in
            - | refreshable) ;;
            *[!0123456789TZ:.-]* | '') __awsenv_valid='' ;;
        esac
        __awsenv_digits "$expiry" && __awsenv_digits "$margin" || __awsenv_valid=''
    fi
    if [[ -n $__awsenv_valid ]]; then
        __awsenv_expiry=$expiry __awsenv_state=$state __awsenv_margin=$margin __awsenv_when=$when __awsenv_label=$label
    elif [[ -z $__awsenv_retry ]]; then
        __awsenv_retry=$((__awsenv_now + 60))
    fi
}

# SECONDS as 11h59m, 59m or <1m, in __awsenv_span.
__awsenv_measure() {
    local minutes=$(($1 / 60)) rest
    rest=$((minutes % 60))
    if ((minutes >= 60)); then
        ((rest >= 10)) || rest=0$rest
        __awsenv_span=$((minutes / 60))h${rest}m
    elif ((minutes >= 1)); then
        __awsenv_span=${minutes}m
    else
        __awsenv_span='<1m'
    fi
}

# Label and time left as text, and until when it stays right.
__awsenv_render() {
    local left='' color='' seconds=$((__awsenv_expiry - __awsenv_now)) text=$__awsenv_label
    __awsenv_from=0 __awsenv_to=99999999999
    if ((__awsenv_expiry > 0 && seconds > 0)); then
        __awsenv_measure "$seconds"
        left=$__awsenv_span color=32 __awsenv_from=$__awsenv_now
        ((seconds >= 900)) || color=33
        __awsenv_to=$((seconds < 60 ? __awsenv_expiry - 1 : __awsenv_expiry - seconds / 60 * 60))
    elif ((__awsenv_expiry > 0)) || [[ $__awsenv_state == expired ]]; then
        left=expired color=31 __awsenv_from=$__awsenv_expiry
    elif [[ $__awsenv_state == missing ]]; then
        left='no session' color=31
    fi
    if [[ -z $left ]]; then
        text=${text/ $'\t'/}
    fi
    __awsenv_text=${text/$'\t'/$left}
    __awsenv_ps1=''
    [[ -n $__awsenv_text ]] || return 0
    __awsenv_ps1="$__awsenv_text "
    # \[ and \] are decoded before ${...} is expanded, so the value holds what they stand for.
    if [[ -n $color && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
        __awsenv_ps1=$'\001\e['$color$'m\002'$__awsenv_text$'\001\e[0m\002 '
    fi
}

# What prompt tools read. `export` as a builtin: for a read-only variable it fails without ending anything.
__awsenv_publish() {
    if [[ -z $__awsenv_text ]]; then
        [[ -z ${AWSENV_PROMPT+x} ]] || \builtin unset -v AWSENV_PROMPT 2>/dev/null || :
    elif ! [ "${AWSENV_PROMPT-}" = "$__awsenv_text" ]; then
        \builtin export "AWSENV_PROMPT=$__awsenv_text" 2>/dev/null || :
    fi
    if [[ $__awsenv_when == - ]]; then
        [[ ${AWSENV_NAMES-} != *' AWS_SESSION_EXPIRATION:'* ]] || ! __awsenv_more || __awsenv_unpublish_end
    elif ! [ "${AWS_SESSION_EXPIRATION-}" = "$__awsenv_when" ]; then
        if [[ "${AWSENV_NAMES-} " != *' AWS_SESSION_EXPIRATION:'* ]]; then
            __awsenv_end_owned=1 __awsenv_end_had=${AWS_SESSION_EXPIRATION+x}
            __awsenv_end_was=${AWS_SESSION_EXPIRATION-}
            \builtin export "AWSENV_NAMES=${AWSENV_NAMES:-1 -} AWS_SESSION_EXPIRATION:*" 2>/dev/null || :
        fi
        \builtin export "AWS_SESSION_EXPIRATION=$__awsenv_when" 2>/dev/null || :
    fi
}

# Once per session: a typed line failed, and the session is over. Reads its caller's locals.
__awsenv_hint() {
    local ended='is over' seconds
    [[ $typed != 0 && $status != 130 ]] || return 0
    [[ -n $__awsenv_name && $__awsenv_hinted != "$__awsenv_name $__awsenv_expiry" ]] || return 0
    if ((__awsenv_expiry > 0)); then
        __awsenv_tick
        ((__awsenv_expiry <= __awsenv_now)) || return 0
        seconds=$((__awsenv_now - __awsenv_expiry))
        __awsenv_measure "$seconds"
        ((seconds >= 60)) || __awsenv_span=${seconds}s
        ((seconds < 172800)) || __awsenv_span="$((seconds / 86400)) days"
        ended="ended $__awsenv_span ago"
    elif [[ $__awsenv_state != expired ]]; then
        return 0
    fi
    __awsenv_hinted="$__awsenv_name $__awsenv_expiry"
    __awsenv_say "the session of $__awsenv_name $ended: awsenv refresh"
}

# ------------------------------------------------------------------- places: PROMPT_COMMAND, PS0, PS1, other tools

# Something is not as the last prompt left it: looks at every place where we stand.
__awsenv_look_around() {
    [ "${BASHOPTS-}" = "$__awsenv_options" ] || __awsenv_write_tests
    __awsenv_check_hooks
    [[ $PATH == "$__awsenv_path" ]] || __awsenv_arm
    __awsenv_place_ps0
    __awsenv_place_ps1
    __awsenv_note_hooks
    __awsenv_places=${PATH-},${PROMPT_COMMAND[*]-},${PS0-},${PS1-},${BASHOPTS-}
    __awsenv_all=$__awsenv_assume_typed,$__awsenv_expected,$__awsenv_places
}

__awsenv_note_hooks() {
    local IFS=' '
    __awsenv_hooks="${PROMPT_COMMAND[*]-}"
}

# Did ours run, and do they stand where they must? What runs our text from inside its own (starship, VS Code) keeps the
# order; what was put in front of us, or behind, changes places with us.
__awsenv_check_hooks() {
    local elements=("${PROMPT_COMMAND[@]-}") all last IFS=' '
    all="${elements[*]}" last=${elements[${#elements[@]} - 1]}
    if [[ $all == *__bp_precmd_invoke_cmd* ]]; then
        [[ -n $__awsenv_runs && ${precmd_functions[0]-} == __awsenv_before && $all != *__awsenv_first-* && \
            $all != *__awsenv_only-* ]] || __awsenv_place
    elif [[ -z $__awsenv_runs || ($all == *__awsenv_only-* && $all != "$__awsenv_whole") ]] ||
        [[ $all == *__awsenv_first-* && ${elements[0]} != "$__awsenv_head"* && ${elements[0]} != "$__awsenv_loop"* ]] ||
        [[ $all == *__awsenv_last-* && $last != *"$__awsenv_tail" ]]; then
        __awsenv_place
    fi
}

# bash-preexec has to be first in PROMPT_COMMAND and last, for it takes what stands elsewhere for typed commands; it
# hands out status and PIPESTATUS by a list of its own.
__awsenv_place() {
    local words=() word end='' head=$__awsenv_loop\; __awsenv_rest IFS=' '
    if [[ ${PROMPT_COMMAND[*]-} == *__bp_precmd_invoke_cmd* ]]; then
        head=''
        __awsenv_leave_precmd
        precmd_functions=(__awsenv_before ${precmd_functions[@]+"${precmd_functions[@]}"})
    fi
    if __awsenv_is_array; then
        for word in "${PROMPT_COMMAND[@]}"; do
            __awsenv_strip "$word"
            if [[ $__awsenv_rest == __bp_interactive_mode || $__awsenv_rest == *$'\n'__bp_interactive_mode ]]; then
                end=__bp_interactive_mode
                __awsenv_rest=${__awsenv_rest%"$end"}
                __awsenv_rest=${__awsenv_rest%$'\n'}
            fi
            [[ -z $__awsenv_rest ]] || words+=("$__awsenv_rest")
        done
        if ((${#words[@]} == 0)); then
            PROMPT_COMMAND=("$__awsenv_whole")
        else
            PROMPT_COMMAND=(${head:+"$__awsenv_head"} "${words[@]}" "$__awsenv_tail" ${end:+"$end"})
        fi
        return 0
    fi
    __awsenv_strip "${PROMPT_COMMAND-}"
    if [[ $__awsenv_rest == *$'\n'__bp_interactive_mode ]]; then
        end=$'\n'__bp_interactive_mode
        __awsenv_rest=${__awsenv_rest%"$end"}
    fi
    if [[ -z $__awsenv_rest ]]; then
        # shellcheck disable=SC2178  # No array here.
        PROMPT_COMMAND=$__awsenv_whole
    else
        # shellcheck disable=SC2178  # No array here.
        PROMPT_COMMAND=$head$__awsenv_rest$'\n'$__awsenv_tail$end
    fi
}

# A hook string without our text, and without a separator that would now stand first, in __awsenv_rest.
__awsenv_strip() {
    local text=$1 ours
    for ours in "$__awsenv_whole" "$__awsenv_loop;" "$__awsenv_loop" "$__awsenv_head" $'\n'"$__awsenv_tail" \
        "$__awsenv_tail"; do
        text=${text//"$ours"/}
    done
    while [[ $text == [$' \t\n;']* ]]; do
        text=${text#?}
    done
    __awsenv_rest=$text
}

__awsenv_leave_precmd() {
    local word words=()
    for word in ${precmd_functions[@]+"${precmd_functions[@]}"}; do
        [[ $word == __awsenv_before || $word == __awsenv_start ]] || words+=("$word")
    done
    precmd_functions=(${words[@]+"${words[@]}"})
}

# Expanded once for each typed line before it runs; sets the mark and shows nothing. Without promptvars, and before bash
# 4.4, there is no mark: then every line counts as typed for `use`, and nothing is guarded.
# shellcheck disable=SC2016  # Text for PS0.
__awsenv_mark='${__awsenv_typed+${__awsenv_void:$((__awsenv_typed++,__awsenv_count++,0)):0}}'

__awsenv_has_mark() { ((__awsenv_is_old == 0)) && \builtin shopt -q promptvars; }

__awsenv_place_ps0() {
    if ! __awsenv_has_mark; then
        __awsenv_marks=0 __awsenv_typed=1
        [[ -z ${PS0-} ]] || PS0=${PS0//"$__awsenv_mark"/}
        return 0
    fi
    __awsenv_marks=1
    if [[ ${PS0-} != "$__awsenv_mark"* ]]; then
        PS0=${PS0-}
        PS0=$__awsenv_mark${PS0//"$__awsenv_mark"/}
    fi
}

# In front of PS1 a reference; without promptvars the text itself.
__awsenv_place_ps1() {
    # shellcheck disable=SC2016  # Text for PS1.
    local want='${__awsenv_ps1-}'
    [[ $__awsenv_want_prompt == 1 && -n ${PS1-} ]] || return 0
    if ! \builtin shopt -q promptvars; then
        want=${__awsenv_ps1//\\/\\\\}
        want=${want//$'\001'/\\[} want=${want//$'\002'/\\]}
    fi
    if [[ -n $__awsenv_put && $__awsenv_put != "$want" ]]; then
        PS1=${PS1/"$__awsenv_put"/}
    fi
    __awsenv_put=$want
    if [[ $PS1 != *"$want"* ]]; then
        __awsenv_find_tool
        [[ -n $__awsenv_tool ]] || PS1=$want$PS1
    fi
}

# A prompt tool writes PS1 itself and shows AWSENV_PROMPT when it is told to; starship calls a function before it does.
__awsenv_find_tool() {
    __awsenv_tool=''
    if \builtin declare -F starship_precmd >/dev/null; then
        __awsenv_tool=starship
        if [[ ${starship_precmd_user_func-} != __awsenv_starship ]]; then
            __awsenv_starship_next=${starship_precmd_user_func-}
            starship_precmd_user_func=__awsenv_starship
        fi
    elif \builtin declare -F _omp_hook >/dev/null; then
        __awsenv_tool=oh-my-posh
    fi
}

__awsenv_starship() {
    __awsenv_before_it=$__awsenv_typed __awsenv_typed=0
    __awsenv_update
    "${__awsenv_starship_next:-:}"
}

# ------------------------------------------------------------------------------------------------------- the guard

__awsenv_is_armed() {
    local IFS=' '
    [[ "${__awsenv_commands[*]-}" == "$__awsenv_armed" ]]
}

# A function for each guarded command that PATH knows and nobody else has made a function.
__awsenv_arm() {
    local IFS=$' \t\n' name wanted
    wanted=" ${__awsenv_commands[*]-} "
    __awsenv_path=$PATH __awsenv_armed=${__awsenv_commands[*]-}
    [[ $__awsenv_want_guard == 1 && ! -o posix ]] || wanted=' '
    ((__awsenv_is_old == 0)) || wanted=' '
    for name in ${__awsenv_commands[@]+"${__awsenv_commands[@]}"}; do
        if [[ $wanted == *" $name "* && $name == [a-zA-Z_]* && $name != *[!a-zA-Z0-9_.+-]* ]] &&
            ! \builtin declare -F "$name" >/dev/null && \builtin type -P "$name" >/dev/null; then
            # `function name`: with an alias of that name `name()` is a syntax error. A reserved word is none either.
            \builtin eval "function $name {
                __awsenv_guard $name \"\$@\" || return 130
                if [[ -n \$__awsenv_run_profile ]]; then
                    AWS_PROFILE=\"\$__awsenv_run_profile\" \\command $name \"\$@\"
                elif [[ -n \$__awsenv_run_ask ]]; then
                    AWSENV_ASK=\"\$__awsenv_run_ask\" \\command $name \"\$@\"
                else
                    \\command $name \"\$@\"
                fi
            }" 2>/dev/null && __awsenv_guarded="$__awsenv_guarded $name"
        fi
    done
    for name in $__awsenv_guarded; do
        if [[ $wanted != *" $name "* ]] || ! \builtin type -P "$name" >/dev/null; then
            __awsenv_disarm "$name"
        fi
    done
}

__awsenv_disarm() {
    __awsenv_guarded=" $__awsenv_guarded "
    __awsenv_guarded=${__awsenv_guarded/ "$1" / }
    # Somebody may have put his own in its place.
    if [[ $(\builtin declare -f "$1") == *"__awsenv_guard $1 "* ]]; then
        \builtin unset -f "$1"
    fi
}

# Before a guarded command: 0 = run it, 130 = the person said stop.
__awsenv_guard() {
    __awsenv_run_profile='' __awsenv_run_ask=''
    # Above 1: no prompt of ours since the last typed line, so nothing here is known to be typed.
    if [[ $__awsenv_typed != 1 || $__awsenv_marks != 1 ]]; then
        ((__awsenv_typed <= 1)) || [[ $BASHPID != "$$" ]] || __awsenv_place
        return 0
    fi
    if [[ $__awsenv_stopped == "$__awsenv_count" ]]; then
        return 130
    fi
    if __awsenv_is_fresh "$@"; then
        # What only a sibling profile serves, for this one command.
        __awsenv_run_profile=$__awsenv_through
        return 0
    fi
    __awsenv_has_bin && __awsenv_more || return 0
    __awsenv_guard_ask "$@"
}

# Surely good for longer than the margin: nothing is started. Any doubt is the binary's to judge.
__awsenv_is_fresh() {
    local item margin=$__awsenv_margin
    [[ -n $__awsenv_valid ]] || return 1
    __awsenv_read_key
    [ "$__awsenv_key_now" = "$__awsenv_key" ] || return 1
    for item in "${@:2}"; do
        case $item in
            --p* | -p* | --aws-p*) return 1 ;;
        esac
    done
    case $__awsenv_state in
        permanent | unknown | none) return 0 ;;
        valid | expiring) ;;
        *) return 1 ;;
    esac
    if [[ $__awsenv_expiry == 0 ]]; then
        # Good without an end; yet what renews it may be due.
        [[ $__awsenv_due != 0 ]] || return 0
        __awsenv_tick
        __awsenv_digits "$__awsenv_due" && __awsenv_digits "$__awsenv_now" && ((__awsenv_due > __awsenv_now))
        return
    fi
    for item in ${__awsenv_margins[@]+"${__awsenv_margins[@]}"}; do
        if [[ $item == "$1="* ]] && __awsenv_digits "${item#*=}"; then
            margin=${item#*=}
        fi
    done
    __awsenv_tick
    __awsenv_digits "$__awsenv_now" && ((__awsenv_expiry - margin > __awsenv_now))
}

# Last, so that a part of this text does not count.
__awsenv_core=1

# ==== loaded at first use ====
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # The preamble and the other parts assign and read what this one does not.

# ------------------------------------------------------------------------------------------------ the guard's question

__awsenv_guard_ask() {
    local out status=0 IFS=' '
    # Changed on this very line: what stands in front of ours now would run before the mark is cleared.
    if [[ "${PROMPT_COMMAND[*]-}" != "$__awsenv_hooks" ]]; then
        return 0
    fi
    out=$(__awsenv_run guard bash 1 "$$" "$__awsenv_count" -- "$@" </dev/null) || status=$?
    case $status in
        0)
            \builtin eval "$out"
            # The binary has spoken of this session already.
            __awsenv_hinted="$__awsenv_name $__awsenv_expiry"
            ;;
        130)
            __awsenv_stopped=$__awsenv_count
            if [[ $BASHPID == "$$" ]]; then
                # Ends the whole line: loops, lists, functions.
                \builtin kill -INT "$$"
            else
                # The shell around us and the rest of the pipeline belong to the same process group.
                \builtin trap - INT
                \builtin kill -INT 0
                \builtin exit 130
            fi
            return 130
            ;;
    esac
    return 0
}

# Takes AWS_SESSION_EXPIRATION back where it is awsenv's. What `use` set itself stays on its list until `leave`.
__awsenv_unpublish_end() {
    if [[ -z $__awsenv_end_owned && " ${__awsenv_kept_names[*]-} " == *' AWS_SESSION_EXPIRATION '* ]]; then
        \builtin unset -v AWS_SESSION_EXPIRATION 2>/dev/null || :
        return 0
    fi
    __awsenv_disown_end
}

__awsenv_disown_end() {
    local names=${AWSENV_NAMES-} rest=''
    if [[ -n $__awsenv_end_owned && -n $__awsenv_end_had ]]; then
        \builtin export "AWS_SESSION_EXPIRATION=$__awsenv_end_was" 2>/dev/null || :
    else
        \builtin unset -v AWS_SESSION_EXPIRATION 2>/dev/null || :
    fi
    __awsenv_end_owned=''
    [[ $names == *' AWS_SESSION_EXPIRATION:'* ]] || return 0
    rest=${names#* AWS_SESSION_EXPIRATION:} names=${names%% AWS_SESSION_EXPIRATION:*}
    [[ $rest != *' '* ]] || names="$names ${rest#* }"
    if [[ $names == '1 '*' '* ]]; then
        \builtin export "AWSENV_NAMES=$names" 2>/dev/null || :
    else
        \builtin unset -v AWSENV_NAMES 2>/dev/null || :
    fi
}

# What only the shell can do, or knows.
__awsenv_here() {
    local word help=''
    for word in "$@"; do
        [[ $word != -h && $word != --help ]] || help=--help
    done
    case $help$1 in
        use) __awsenv_use "${@:2}" ;;
        leave) __awsenv_leave "${@:2}" ;;
        off) __awsenv_off "${@:2}" ;;
        doctor | setup | status) __awsenv_run_told "$@" ;;
        *) __awsenv_run "$@" ;;
    esac
}

# Tells the binary, for this one command, what only the shell knows of itself.
__awsenv_run_told() {
    local -x AWSENV_HOOK=bash
    local name IFS=$' \t\n'
    if [[ $__awsenv_displaced == never ]]; then
        AWSENV_HOOK="$AWSENV_HOOK displaced"
        [[ "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}" != *__awsenv_* ]] || AWSENV_HOOK="$AWSENV_HOOK mended"
    fi
    if [[ $__awsenv_want_guard == 1 ]]; then
        # The first prompt sets the mark.
        [[ ($__awsenv_marks == 1 || $__awsenv_displaced == never) && ! -o posix ]] || AWSENV_HOOK="$AWSENV_HOOK guard=off"
        for name in ${__awsenv_commands[@]+"${__awsenv_commands[@]}"}; do
            if [[ " $__awsenv_guarded " != *" $name "* ]] && \builtin declare -F "$name" >/dev/null; then
                AWSENV_HOOK="$AWSENV_HOOK kept=$name"
            fi
        done
    fi
    ((__awsenv_loads == 1)) || AWSENV_HOOK="$AWSENV_HOOK loads=$__awsenv_loads"
    if ((${#__awsenv_kept_names[@]} == 0)) && __awsenv_is_inherited; then
        AWSENV_HOOK="$AWSENV_HOOK inherited"
    fi
    __awsenv_run "$@"
}

__awsenv_is_this_shell() {
    [[ ${BASHPID-$$} != "$$" || ${BASH_SUBSHELL-0} != 0 ]] || return 0
    __awsenv_say "\`awsenv $1\` has no effect in a subshell or pipeline: type it as a command of its own"
    return 1
}

# A profile's own variables may have any name, so every local of the functions that set them is called __awsenv_....
__awsenv_use() {
    local __awsenv_code __awsenv_live=0 __awsenv_former=${AWS_PROFILE-} __awsenv_exported __awsenv_i
    local -a __awsenv_set_names __awsenv_set_values __awsenv_unset_names __awsenv_inherited
    __awsenv_set_names=() __awsenv_set_values=() __awsenv_unset_names=() __awsenv_inherited=()
    __awsenv_is_this_shell use || return 1
    [[ $__awsenv_typed == 0 ]] || __awsenv_live=1
    if [[ -n ${AWSENV_PROFILE-} && ($__awsenv_former == "$__awsenv_switched" || -z $__awsenv_switched) ]]; then
        __awsenv_former=$AWSENV_PROFILE
    fi
    # In a new pane: what the shell that we come from has set is awsenv's, too.
    if ((${#__awsenv_kept_names[@]} == 0)) && __awsenv_is_inherited &&
        __awsenv_code=$(__awsenv_run leave bash 1 2>/dev/null); then
        \builtin eval "$__awsenv_code"
        __awsenv_inherited=(${__awsenv_unset_names[@]+"${__awsenv_unset_names[@]}"}) __awsenv_unset_names=()
    fi
    # The binary sees the environment as it is without us.
    __awsenv_code=$(
        __awsenv_i=${AWSENV_PROFILE-}
        __awsenv_give_back 2>/dev/null
        __awsenv_forget ${__awsenv_inherited[@]+"${__awsenv_inherited[@]}"}
        __awsenv_run switch bash 1 "$__awsenv_live" "$__awsenv_previous" "$__awsenv_i" -- "$@"
    ) || return
    \builtin eval "$__awsenv_code"
    __awsenv_are_writable ${__awsenv_set_names[@]+"${__awsenv_set_names[@]}"} \
        ${__awsenv_unset_names[@]+"${__awsenv_unset_names[@]}"} ${__awsenv_inherited[@]+"${__awsenv_inherited[@]}"} \
        ${__awsenv_kept_names[@]+"${__awsenv_kept_names[@]}"} || return
    __awsenv_give_back
    __awsenv_forget ${__awsenv_inherited[@]+"${__awsenv_inherited[@]}"}
    __awsenv_exported=$'\n'$(\builtin compgen -e)$'\n'
    for ((__awsenv_i = 0; __awsenv_i < ${#__awsenv_set_names[@]}; __awsenv_i++)); do
        __awsenv_keep "${__awsenv_set_names[__awsenv_i]}" x "${__awsenv_set_values[__awsenv_i]}"
        \builtin export "${__awsenv_set_names[__awsenv_i]}=${__awsenv_set_values[__awsenv_i]}"
    done
    for ((__awsenv_i = 0; __awsenv_i < ${#__awsenv_unset_names[@]}; __awsenv_i++)); do
        __awsenv_keep "${__awsenv_unset_names[__awsenv_i]}" '' ''
        \builtin unset -v "${__awsenv_unset_names[__awsenv_i]}"
    done
    __awsenv_switched=${AWS_PROFILE-} __awsenv_previous=$__awsenv_former
}

# Remembers what a variable was (had: `x` exported, `s` set) and what it is going to be (has, now).
__awsenv_keep() {
    local __awsenv_had=${!1+s}
    if [[ -n $__awsenv_had && $__awsenv_exported == *$'\n'"$1"$'\n'* ]]; then
        __awsenv_had=x
    fi
    __awsenv_kept_names+=("$1") __awsenv_kept_had+=("$__awsenv_had") __awsenv_kept_was+=("${!1-}")
    __awsenv_kept_has+=("$2") __awsenv_kept_now+=("$3")
}

# Puts back what `use` changed, where it still has the value that `use` gave it.
__awsenv_give_back() {
    local __awsenv_i __awsenv_name_i __awsenv_changed=''
    [[ -z $__awsenv_end_owned ]] || __awsenv_disown_end
    for ((__awsenv_i = 0; __awsenv_i < ${#__awsenv_kept_names[@]}; __awsenv_i++)); do
        __awsenv_name_i=${__awsenv_kept_names[__awsenv_i]}
        case $__awsenv_name_i in
            # The prompt keeps these up to date.
            AWSENV_PROFILE | AWSENV_PROMPT | AWSENV_NAMES | AWS_SESSION_EXPIRATION) ;;
            *)
                if ! [ "${!__awsenv_name_i+x}|${!__awsenv_name_i-}" = \
                    "${__awsenv_kept_has[__awsenv_i]}|${__awsenv_kept_now[__awsenv_i]}" ]; then
                    __awsenv_changed="$__awsenv_changed $__awsenv_name_i"
                    continue
                fi
                ;;
        esac
        if [[ -z ${__awsenv_kept_had[__awsenv_i]} ]]; then
            \builtin unset -v "$__awsenv_name_i"
        else
            \builtin export "$__awsenv_name_i=${__awsenv_kept_was[__awsenv_i]}"
            # shellcheck disable=SC2163  # The variable that this one names.
            [[ ${__awsenv_kept_had[__awsenv_i]} == x ]] || \builtin export -n "$__awsenv_name_i"
        fi
    done
    __awsenv_kept_names=() __awsenv_kept_had=() __awsenv_kept_was=() __awsenv_kept_has=() __awsenv_kept_now=()
    __awsenv_switched=''
    [[ -z $__awsenv_changed ]] || __awsenv_say "changed since \`awsenv use\`, so left as it is:$__awsenv_changed"
}

__awsenv_forget() {
    (($# == 0)) || \builtin unset -v "$@"
}

# All or nothing: in a subshell, where it does no harm, each must let itself be unset.
__awsenv_are_writable() {
    local __awsenv_bad
    __awsenv_bad=$(__awsenv_list_fixed "$@")
    [[ -n $__awsenv_bad ]] || return 0
    __awsenv_say "read-only in this shell, so nothing is changed:$__awsenv_bad"
    return 1
}

__awsenv_list_fixed() {
    local __awsenv_name_i __awsenv_told=' '
    for __awsenv_name_i in "$@"; do
        case $__awsenv_name_i in
            '' | [!a-zA-Z_]* | *[!a-zA-Z0-9_]* | __awsenv_*) ;;
            *) ! \builtin unset -v "$__awsenv_name_i" 2>/dev/null || continue ;;
        esac
        [[ $__awsenv_told == *" $__awsenv_name_i "* ]] || \builtin printf ' %s' "$__awsenv_name_i"
        __awsenv_told+="$__awsenv_name_i "
    done
}

# Does AWSENV_NAMES name something that the prompt hook did not put there?
__awsenv_is_inherited() {
    [[ ${AWSENV_NAMES-} == '1 '*' '*:* && ${AWSENV_NAMES-} != '1 - AWS_SESSION_EXPIRATION:*' ]]
}

__awsenv_leave() {
    local __awsenv_code __awsenv_former=${AWSENV_PROFILE-}
    local -a __awsenv_unset_names
    __awsenv_unset_names=()
    (($# == 0)) || {
        __awsenv_run leave "$@"
        return
    }
    __awsenv_is_this_shell leave || return 1
    if ((${#__awsenv_kept_names[@]})); then
        __awsenv_are_writable "${__awsenv_kept_names[@]}" || return
        __awsenv_give_back
    elif __awsenv_is_inherited; then
        # This shell comes from one in which `use` ran: there is nothing to restore, only to unset.
        __awsenv_code=$(__awsenv_run leave bash 1) || return
        \builtin eval "$__awsenv_code"
        __awsenv_are_writable ${__awsenv_unset_names[@]+"${__awsenv_unset_names[@]}"} || return
        [[ -z $__awsenv_end_owned ]] || __awsenv_disown_end
        __awsenv_forget ${__awsenv_unset_names[@]+"${__awsenv_unset_names[@]}"}
    else
        __awsenv_say "nothing to leave: \`awsenv use\` has changed nothing here"
        return 0
    fi
    __awsenv_previous=$__awsenv_former
}

# Out of this shell: hooks, guards, completion, variables, functions. What `use` set stays, but for the end of the session.
__awsenv_off() {
    local __awsenv_rest word words=() IFS=$' \t\n'
    (($# == 0)) || {
        __awsenv_run off "$@"
        return
    }
    if __awsenv_is_array; then
        for word in "${PROMPT_COMMAND[@]}"; do
            __awsenv_strip "$word"
            [[ -z $__awsenv_rest ]] || words+=("$__awsenv_rest")
        done
        PROMPT_COMMAND=(${words[@]+"${words[@]}"})
    elif [[ -n ${PROMPT_COMMAND+x} ]]; then
        __awsenv_strip "$PROMPT_COMMAND"
        PROMPT_COMMAND=$__awsenv_rest
        [[ -n $__awsenv_rest ]] || \builtin unset -v PROMPT_COMMAND
    fi
    [[ -z ${precmd_functions+x} ]] || __awsenv_leave_precmd
    if [[ ${starship_precmd_user_func-} == __awsenv_starship ]]; then
        starship_precmd_user_func=$__awsenv_starship_next
        [[ -n $__awsenv_starship_next ]] || \builtin unset -v starship_precmd_user_func
    fi
    # starship keeps what PROMPT_COMMAND was.
    if [[ ${STARSHIP_PROMPT_COMMAND-} == *__awsenv_* ]]; then
        __awsenv_strip "$STARSHIP_PROMPT_COMMAND"
        STARSHIP_PROMPT_COMMAND=$__awsenv_rest
        [[ -n $__awsenv_rest ]] || \builtin unset -v STARSHIP_PROMPT_COMMAND
    fi
    PS0=${PS0-}
    PS0=${PS0//"$__awsenv_mark"/}
    [[ -n $PS0 ]] || \builtin unset -v PS0
    [[ -z $__awsenv_put || -z ${PS1+x} ]] || PS1=${PS1//"$__awsenv_put"/}
    for word in $__awsenv_guarded; do
        __awsenv_disarm "$word"
    done
    \builtin complete -r awsenv 2>/dev/null || :
    # Nobody would keep it right: it goes, also where `use` has set it or another shell.
    [[ ${AWSENV_NAMES-} != *' AWS_SESSION_EXPIRATION:'* ]] || __awsenv_disown_end
    \builtin unset -v AWSENV_PROMPT 2>/dev/null || :
    for word in $(\builtin compgen -A function __awsenv_); do
        \builtin unset -f "$word"
    done
    \builtin unset -f awsenv _awsenv
    # shellcheck disable=SC2086  # The prefix expansion gives names only.
    \builtin unset -v ${!__awsenv_@}
}

# ==== only with a program for Windows ====
# ---------------------------------------------------------------------------------------------- questions in mintty

# mintty is no console: a program for Windows has none there that anybody sees, and cannot ask. So this shell does, if the
# program wants it to (src/terminal/relay.rs says what the lines are). Runs in a subshell, which has no job control and so
# nothing to say about jobs; its exit status is the program's.
__awsenv_talk() {
    local answers line newline number='' text in out program typist='' listener='' heard kept='' echo own=${MSYS2_ARG_CONV_EXCL-}
    if [[ $1 == guard ]]; then
        __awsenv_find_pid "$4"
        set -- "${@:1:3}" "$__awsenv_pid" "${@:5}"
    else
        __awsenv_find_pid "$$"
    fi
    if ! { \builtin : </dev/tty; } 2>/dev/null; then
        AWSENV_ARG_CONV_EXCL=$own MSYS2_ARG_CONV_EXCL='*' "$__awsenv_bin" "$@"
        return
    fi
    answers="1 $__awsenv_pid"
    # A read of nothing: in the background it fails, where its signal is not taken.
    \builtin trap '' TTIN
    IFS='' \builtin read -r -n 0 line </dev/tty || answers="$answers background"
    # In a string: for bash 3.2, which has hooks but no MSYS2, `coproc` would be a syntax error. The program waits for a line,
    # so that it cannot end, and its pipes be closed, before they have been copied.
    # shellcheck disable=SC2016  # Text for eval.
    \builtin eval 'coproc __awsenv_program {
        IFS="" \builtin read -r line
        AWSENV_ARG_CONV_EXCL=$own MSYS2_ARG_CONV_EXCL="*" AWSENV_ANSWERS=$answers \builtin exec "$__awsenv_bin" "$@"
    }'
    program=$__awsenv_program_PID
    \builtin exec {out}<&"${__awsenv_program[0]}" {in}>&"${__awsenv_program[1]}"
    \builtin printf '\n' >&"$in"
    # Also when a signal ends this subshell.
    \builtin trap '__awsenv_hush' EXIT
    while :; do
        newline=$'\n'
        IFS='' \builtin read -r line <&"$out" || newline=''
        [[ -n $newline || -n $line ]] || break
        if [[ $line != $'\001'* ]]; then
            \builtin printf '%s%s' "$line" "$newline"
            continue
        fi
        line=${line%$'\r'}
        text=${line:2}
        case $line in
            $'\001!'*) \builtin printf '%s\n' "$text" >/dev/tty ;;
            $'\001?'*) __awsenv_ask echo ;;
            $'\001*'*) __awsenv_ask -echo ;;
            $'\001/'*) __awsenv_hush || \builtin printf '%s^\n' "$number" >&"$in" ;;
        esac
    done
    __awsenv_hush || :
    \builtin exec {in}>&- {out}<&-
    \builtin wait "$program"
}

# For a command whose output is not the hook's.
__awsenv_talk_apart() {
    local nothing
    { nothing=$(__awsenv_talk "$@" >&3 3>&-); } 3>&1
}

# This shell as Windows knows it, in __awsenv_pid. $1: as bash does.
__awsenv_find_pid() {
    __awsenv_pid=''
    [[ ! -r /proc/$1/winpid ]] || IFS='' \builtin read -r __awsenv_pid <"/proc/$1/winpid" || :
    __awsenv_pid=${__awsenv_pid%$'\r'}
    __awsenv_digits "$__awsenv_pid" || __awsenv_pid=$1
}

# Puts the question, and leaves two behind, so that the program can take it back: dd on the terminal, and one who hears from it.
# Reads its caller's locals. What was typed ahead is no answer: it is read without waiting, and dropped. Then the terminal itself
# edits the line and shows it. Ctrl-C is no signal, which would end what runs before anybody knows, but the end of a line. Not
# bash's own `read -n`, which would make it a signal again.
__awsenv_ask() {
    local keys
    # The former one was answered.
    __awsenv_hush || :
    number=${text%% *} text=${text#* } echo=$1
    kept=$(\command stty -g </dev/tty 2>/dev/null) || :
    kept=${kept%$'\r'}
    if \command stty -icanon -echo -isig min 0 time 0 </dev/tty 2>/dev/null; then
        \command dd bs=4096 count=1 </dev/tty >/dev/null 2>&1
        \command stty icanon "$echo" -echoctl -isig eol '^C' </dev/tty 2>/dev/null
        \builtin printf '%s' "$text" >/dev/tty
        # Started here, where its number is known before anybody can want to end it: $! is the last one started, whoever that is.
        \builtin exec {keys}< <(\builtin exec dd bs=1024 count=1 </dev/tty 2>/dev/null)
        typist=$!
        \builtin exec {heard}< <(__awsenv_hear)
        listener=$!
        \builtin exec {keys}<&-
    else
        \builtin printf '%s^\n' "$number" >&"$in"
    fi
}

# The answer, or the end of dd without one. Says a line when the terminal is as it was, before the program hears of it.
__awsenv_hear() {
    local answer=''
    IFS='' \builtin read -r -d '' answer <&"$keys" || :
    \command stty "$kept" </dev/tty 2>/dev/null
    case $answer in
        *$'\003'*)
            \builtin printf '^C\n' >/dev/tty
            answer=^
            ;;
        '')
            \builtin printf '\n' >/dev/tty
            answer=^
            ;;
        *)
            [[ $echo == echo && $answer == *$'\n' ]] || \builtin printf '\n' >/dev/tty
            answer="=${answer%%$'\n'*}"
            ;;
    esac
    \builtin printf '\n'
    { \builtin printf '%s%s\n' "$number" "$answer" >&"$in"; } 2>/dev/null
}

# Nobody waits for an answer any more. Without dd the one who hears ends all as usual, if with no answer; false: he did not, and
# the program has heard nothing. KILL, for dd has nothing to put in order, and everything else can be ignored or come too early
# for its handler. Not `wait`, which has no limit.
__awsenv_hush() {
    local line status=0
    [[ -n ${typist-} ]] || return 0
    # Done already? Then the numbers may be those of others.
    \builtin read -r -t 0 <&"$heard" || \builtin kill -KILL "$typist" 2>/dev/null || :
    if ! \builtin read -r -t 2 line <&"$heard"; then
        \builtin kill -KILL "$typist" "$listener" 2>/dev/null || :
        \command stty "$kept" </dev/tty 2>/dev/null || :
        \builtin printf '\n' >/dev/tty
        status=1
    fi
    \builtin exec {heard}<&-
    typist='' listener=''
    return "$status"
}
# ==== with any program ====

# ------------------------------------------------------------------------------------------------------- completion

# The first TAB loads the binary's own completion; profile names are asked for each time.
__awsenv_complete() {
    local word name names i later=0 quoted
    if ! \builtin declare -F _awsenv >/dev/null; then
        \builtin eval "$("$__awsenv_bin" completions bash 2>/dev/null)"
        \builtin complete -o bashdefault -o default -F __awsenv_tab awsenv
    fi
    # The word as typed: COMP_WORDS has cut it at colons.
    word=${COMP_LINE:0:COMP_POINT}
    word=${word##*[[:blank:]]}
    for ((i = 2; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* || $word == *"${COMP_WORDS[i]}"* ]] || later=1
    done
    case $later,$word,${COMP_WORDS[1]-} in
        0,-* | *,*,"$word") ;;
        0,*,use | 0,*,refresh | 0,*,login | 0,*,status | 0,*,logout | 0,*,exec | 0,*,export | 0,*,console | \
            0,*,credentials | 0,*,setup)
            names=$("$__awsenv_bin" names 2>/dev/null)
            while IFS='' \builtin read -r name; do
                name=${name%$'\r'}
                [[ -n $name && $name == "$word"* ]] || continue
                \builtin printf -v quoted %q "${name#"${word%"${word##*[:=]}"}"}"
                COMPREPLY+=("$quoted")
            done <<<"$names"
            return 0
            ;;
    esac
    if \builtin declare -F _awsenv >/dev/null; then
        _awsenv "$@"
    fi
}

# Last, so that a part of this text does not count.
__awsenv_loaded=1
