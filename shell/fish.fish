# awsenv for fish 3.5 and later. `awsenv init fish` prints a few assignments, then the first part of this file; the second
# comes with the answer to the first prompt's question, the third when it is first needed.
#
# At a prompt nothing is started: the binary has left a stamp, whose time is that of the files it was made from, and the
# names of these; builtins compare and count. Only what a person types can lead to a question.
#
# Names that begin with __awsenv_ belong to this shell and are not exported. No local variable may have the name that an
# environment variable could have: "$$name" looks at local variables first.

# Loading twice loads the other parts anew, too.
set -eg __awsenv_begun __awsenv_rest __awsenv_retry
# One element for each time. An exported one comes from a parent.
set -qx __awsenv_loads
and set -eg __awsenv_loads
set -ga __awsenv_loads x

# The first prompt, until the second part brings the function that takes the place of this one. No binary, or a failure:
# silence, and another try in a minute.
function __awsenv_on_prompt --on-event fish_prompt
    if set -q __awsenv_retry[1]
        # The time of any file and its age make a clock.
        test (math (path mtime -- /) + (path mtime --relative -- /)) -ge $__awsenv_retry
        or return
    end
    if test -n "$__awsenv_want_profile" -a -z "$AWS_PROFILE$AWS_DEFAULT_PROFILE$AWS_ACCESS_KEY_ID"
        # `init --use dev` needs all parts, and the binary's answer only once `use` has chosen.
        __awsenv_more
        and __awsenv_on_prompt
    else if test -x "$__awsenv_bin"
        set -l code ($__awsenv_bin hook fish 1 first </dev/null 2>/dev/null)
        and string join \n -- $code | source
        set -q __awsenv_begun[1]
        and __awsenv_first_prompt
    end
    set -q __awsenv_begun[1]
    or set -g __awsenv_retry (math (path mtime -- /) + (path mtime --relative -- /) + 60)
end

# Before 3.5 there is no `path` (the clock) and no `set --function`: no segment, no guard, and `use` says why.
builtin -q path
or functions --erase __awsenv_on_prompt

# What a shell that never says `awsenv` need not read: the binary prints it when it is first used.
function __awsenv_more
    set -q __awsenv_rest[1]
    and return
    set -l parts --part first-use
    # Before the first prompt the second part is not there either.
    if not set -q __awsenv_begun[1]; and functions -q __awsenv_on_prompt
        set -p parts --part first-prompt
    end
    test -x "$__awsenv_bin"
    and $__awsenv_bin init fish $parts </dev/null 2>/dev/null | source 2>/dev/null
    set -q __awsenv_rest[1]
end

function awsenv --description 'AWS profiles and sessions in this shell'
    if __awsenv_more
        __awsenv_typed_awsenv $argv
    else if test "$argv" = off
        # The binary is gone. A prompt that still calls ours shows nothing without these.
        functions -q __awsenv_drop_guards
        and __awsenv_drop_guards
        set -eg AWSENV_PROMPT __awsenv_segment
        complete --erase --command awsenv
        functions --erase awsenv (functions --all --names | string match '__awsenv_*' | string match --invert '*_prompt_*')
        functions -q __awsenv_on_prompt
        and functions --erase __awsenv_on_prompt
    else
        echo "awsenv: $__awsenv_bin is gone: install it again, then start a new shell" >&2
        return 127
    end
end

complete --erase --command awsenv
complete --command awsenv --no-files --arguments '(__awsenv_more; and __awsenv_complete)'

# ==== loaded with the first prompt ====

# ---- State. Loading twice starts the hook anew, but keeps what `use` has to give back. ------------------------------

# One `set` for all: an empty variable is as good as none here, and a parent's exported one of that name goes too.
set -eg __awsenv_key __awsenv_key_now __awsenv_expected __awsenv_stamp __awsenv_line __awsenv_watch __awsenv_absent \
    __awsenv_changed __awsenv_margins __awsenv_name __awsenv_through __awsenv_due __awsenv_clock __awsenv_retry __awsenv_now \
    __awsenv_until __awsenv_uptime __awsenv_seen __awsenv_expiry __awsenv_state __awsenv_margin __awsenv_rfc3339 \
    __awsenv_label __awsenv_text __awsenv_segment __awsenv_shown __awsenv_typed __awsenv_asked __awsenv_stopped \
    __awsenv_begun __awsenv_hinted __awsenv_looked_up __awsenv_run_profile __awsenv_run_ask __awsenv_set_names \
    __awsenv_set_values __awsenv_unset_names __awsenv_rest

# These stay when the hook is loaded again: the number of typed lines, of wrapped prompts, the profile for `use -`, and
# the names of what this shell has changed. For each, __awsenv_NAME_was holds the former value (absent: it was unset),
# __awsenv_NAME_how its scope and flags, __awsenv_NAME_ours our value (absent: we unset it). The suffix matters: fish
# splits variables whose names end in PATH at each colon. One that is exported comes from a parent, and goes.
for __awsenv_n in __awsenv_lines __awsenv_wraps __awsenv_previous __awsenv_owned __awsenv_guards
    set -qx $__awsenv_n
    and set -eg $__awsenv_n
end
set -eg __awsenv_n

# The binary's line, and its fields: what `string match` finds gets local variables where there are no others.
set -g __awsenv_seen 'none yet'
set -g __awsenv_expiry 0
set -g __awsenv_state
set -g __awsenv_margin 0
set -g __awsenv_rfc3339
set -g __awsenv_label
# The text is right while the machine has been up for less than so many seconds. A file counts them.
set -g __awsenv_until 0
set -g __awsenv_uptime /dev/null
test -r /proc/uptime
and set -g __awsenv_uptime /proc/uptime
# Epoch seconds, as of the last look at the clock:
set -g __awsenv_now 0
# A segment that is already there is taken for alive until a prompt comes without it.
set -q __awsenv_wraps[1]
and set -g __awsenv_shown 1

# ---- At each prompt -------------------------------------------------------------------------------------------------

# Budget: at least 15 times less than `direnv export fish`, which is about 3 ms. A command substitution costs as much as
# ten other builtins: none where nothing has changed. fish itself keeps $status and $pipestatus for the person.
function __awsenv_on_prompt --on-event fish_prompt
    set -l failed $status
    read -l -d ' ' uptime rest <$__awsenv_uptime
    # One builtin for everything that can have changed: what __awsenv_read_key reads, what is published, all files, the
    # minute. What the stamp says need not be read: its time is part of its name, so this shell's stamp is never another
    # one. The text begins with a digit: `test` cannot take it for an operator.
    set -qx AWS_PROFILE
    if test $status\x1f"$AWS_PROFILE"\x1f"$AWS_DEFAULT_PROFILE"\x1f"$AWS_ACCESS_KEY_ID"\x1f"$AWS_CONFIG_FILE"\x1f"$AWS_SHARED_CREDENTIALS_FILE"\x1f"$AWSENV_PROFILE"\x1f"$AWSENV_CONFIG"\x1f"$AWSENV_STATE_DIR"\x1f"$HOME"\x1f"$PATH"\x1f"$AWSENV_PROMPT"\x1f"$AWS_SESSION_EXPIRATION" != "$__awsenv_expected" -o "0$uptime" -ge $__awsenv_until $__awsenv_changed
        __awsenv_catch_up
    else if not set -q __awsenv_typed[1]
        # Between two prompts without a typed line nobody changes the rest.
        return
    end
    test $failed = 0
    or __awsenv_hint $failed
    set -q __awsenv_shown[1]
    or __awsenv_wrap_prompt
    set -eg __awsenv_typed __awsenv_asked __awsenv_stopped __awsenv_shown
end

# The binary has just said all that it says after a change.
function __awsenv_first_prompt
    __awsenv_read_key
    set -g __awsenv_key $__awsenv_key_now
    __awsenv_write_test
    __awsenv_take_answer
    set -q __awsenv_shown[1]
    or __awsenv_wrap_prompt
    set -eg __awsenv_shown
end

# Asks the binary when something has changed, and writes the text anew.
function __awsenv_catch_up
    # `init --use dev`: once, where nothing else has chosen a profile; no line is typed yet, so nothing is asked.
    if test -n "$__awsenv_want_profile"
        set -l wanted $__awsenv_want_profile
        set -g __awsenv_want_profile
        test -z "$AWS_PROFILE$AWS_DEFAULT_PROFILE$AWS_ACCESS_KEY_ID"
        and __awsenv_more
        and __awsenv_use $wanted
    end
    __awsenv_read_key
    if test "$__awsenv_key_now" != "$__awsenv_key" $__awsenv_changed
        __awsenv_ask_binary
    else if set -q __awsenv_retry[1]
        __awsenv_read_clock
        test $__awsenv_now -ge $__awsenv_retry
        and __awsenv_ask_binary
    end
    __awsenv_take_answer
end

# What follows from what the binary has said, and from the clock.
function __awsenv_take_answer
    __awsenv_define_guards
    test "x$__awsenv_line" = "x$__awsenv_seen"
    or __awsenv_take_line
    __awsenv_write_text
    set -g __awsenv_expected $__awsenv_key\x1f"$PATH"\x1f"$AWSENV_PROMPT"\x1f"$AWS_SESSION_EXPIRATION"
end

# Everything in the environment that decides on the profile. The digit in front says whether AWS_PROFILE is exported:
# `set -g AWS_PROFILE dev` changes nothing for a program, a later `set -gx` does.
function __awsenv_read_key
    set -qx AWS_PROFILE
    set -g __awsenv_key_now $status\x1f"$AWS_PROFILE"\x1f"$AWS_DEFAULT_PROFILE"\x1f"$AWS_ACCESS_KEY_ID"\x1f"$AWS_CONFIG_FILE"\x1f"$AWS_SHARED_CREDENTIALS_FILE"\x1f"$AWSENV_PROFILE"\x1f"$AWSENV_CONFIG"\x1f"$AWSENV_STATE_DIR"\x1f"$HOME"
end

# fish has no clock: the age of a file from 1970 is one. Without that file, or when its date is another: the age of any
# file, counted from its date.
function __awsenv_read_clock
    set -g __awsenv_now (path mtime --relative -- $__awsenv_clock /)[1]
    test $__awsenv_now -gt 1700000000
    or set -g __awsenv_now (math (path mtime -- /) + (path mtime --relative -- /))
end

# The one start of the binary: it writes the stamp anew and says what to watch.
function __awsenv_ask_binary
    set -g __awsenv_key $__awsenv_key_now
    set -eg __awsenv_stamp __awsenv_line __awsenv_watch __awsenv_absent __awsenv_retry
    set -l code
    # No binary, or a failure: silence.
    test -x "$__awsenv_bin"
    and set code ($__awsenv_bin hook fish 1 </dev/null 2>/dev/null)
    and eval (string join ';' -- $code)
    __awsenv_write_test
end

# Writes the part of the common prompt's test that looks at files, from the binary's answer.
function __awsenv_write_test
    set -g __awsenv_changed
    test -n "$__awsenv_clock"
    or set -g __awsenv_clock
    # Escaped bytes stay bytes to fish; read from a pipe they are characters.
    printf '%s\n' "$__awsenv_line" | read --global __awsenv_line

    # Each test here is made at every prompt. A file that goes or comes changes its folder: where that is watched, or
    # absent itself, it says enough. A folder in which no watched file is yet need not be looked at: they are.
    set -l inside
    for __awsenv_n in $__awsenv_watch
        set -a inside (path dirname -- $__awsenv_n)
    end
    for __awsenv_n in $__awsenv_absent
        set -l folder (path dirname -- $__awsenv_n)
        if not contains -- $folder $inside
            set -l place (contains --index -- $folder $__awsenv_watch)
            and set -eg __awsenv_watch[$place]
        end
    end
    set -l folders
    if test -n "$__awsenv_stamp"
        # Any file is newer than a stamp that is gone.
        for __awsenv_n in $__awsenv_watch
            set -a __awsenv_changed -o $__awsenv_n -nt $__awsenv_stamp
        end
        set folders $__awsenv_watch
    else
        # Nothing to compare files with: another try in a minute.
        __awsenv_read_clock
        set -g __awsenv_retry (math $__awsenv_now + 60)
    end
    for __awsenv_n in $__awsenv_watch
        contains -- (path dirname -- $__awsenv_n) $folders
        or set -a __awsenv_changed -o ! -e $__awsenv_n
    end
    for __awsenv_n in $__awsenv_absent
        contains -- (path dirname -- $__awsenv_n) $folders $__awsenv_absent
        or set -a __awsenv_changed -o -e $__awsenv_n
    end
end

# Takes the stamp's line apart, once per line. Numbers are numbers behind this, and the label has no control characters,
# no bidirectional controls and no broken UTF-8 (fish keeps such bytes at U+F600). Anything else: no segment.
function __awsenv_take_line
    set -g __awsenv_seen $__awsenv_line
    set -l text '[^\x00-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{f600}-\x{f6ff}]'
    set -l states 'valid|expiring|refreshable|expired|missing|permanent|unknown|none'
    set -l date '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
    string match -rq -- "^1 (?<__awsenv_expiry>0|[1-9][0-9]{0,10}) (?<__awsenv_state>$states) "\
"(?<__awsenv_margin>0|[1-9][0-9]{0,10}) (?<__awsenv_rfc3339>$date|refreshable|-) "\
"(?<__awsenv_label>$text{0,300}(?:\t$text{0,300})?)\$" "$__awsenv_line"
    or set -g __awsenv_expiry 0
    test "$__awsenv_rfc3339" = -
    and set -g __awsenv_rfc3339
end

# The text with the time left in the place of the TAB, how long it stays right, and its colour.
function __awsenv_write_text
    set -l left
    set -l colour green
    set -l right 60
    test $__awsenv_expiry != 0
    and __awsenv_read_clock
    if test $__awsenv_expiry -gt $__awsenv_now
        set -l seconds (math $__awsenv_expiry - $__awsenv_now)
        set -l minutes (math -s0 $seconds / 60)
        if test $minutes = 0
            set left '<1m'
        else
            set left (math $minutes % 60)m
            if test $minutes -ge 60
                test $left = 0m -o (string length $left) = 2
                and set left 0$left
                set left (math -s0 $minutes / 60)h$left
            end
        end
        set right (math $seconds % 60)
        test $minutes -lt 15 -o "$__awsenv_state" = expiring
        and set colour yellow
    else if test $__awsenv_expiry != 0 -o "$__awsenv_state" = expired
        set left expired
        set colour red
    else if test "$__awsenv_state" = missing
        set left 'no session'
        set colour red
    else
        set colour normal
    end

    # Where nothing counts seconds, a text with an end is written at each prompt. Whole seconds: one less is never late.
    # Without a stamp the next try is due within a minute.
    set -g __awsenv_until 0
    if test $__awsenv_expiry = 0; and not set -q __awsenv_retry[1]
        set -g __awsenv_until 99999999999
    else if read -l -d ' ' uptime rest <$__awsenv_uptime
        set -g __awsenv_until (math $uptime + $right - 1)
    end
    if test -n "$left"
        set -g __awsenv_text (string replace \t $left -- "$__awsenv_label")
    else
        set -g __awsenv_text (string replace -r ' ?\t' '' -- "$__awsenv_label")
    end
    set -g __awsenv_segment
    if test -n "$__awsenv_text" -a "$__awsenv_want_prompt" = 1
        if test -n "$NO_COLOR" -o "$TERM" = dumb -o $colour = normal
            set -g __awsenv_segment "$__awsenv_text "
        else
            set -g __awsenv_segment (set_color $colour)$__awsenv_text(set_color normal)' '
        end
    end
    __awsenv_publish
end

# The two variables that other programs read.
function __awsenv_publish
    if test -n "$__awsenv_text"
        set -gx AWSENV_PROMPT $__awsenv_text
    else
        set -eg AWSENV_PROMPT
    end
    test "x$AWS_SESSION_EXPIRATION" = "x$__awsenv_rfc3339"
    and return
    set -l listed
    string match -q '* AWS_SESSION_EXPIRATION:*' -- "$AWSENV_NAMES"
    and set listed 1
    if test -n "$__awsenv_rfc3339"
        if contains AWS_SESSION_EXPIRATION $__awsenv_owned; or not set -q listed[1]
            __awsenv_put AWS_SESSION_EXPIRATION $__awsenv_rfc3339
        else
            # From the awsenv of a parent shell: there is no value of the person's to keep.
            set -gx AWS_SESSION_EXPIRATION $__awsenv_rfc3339
        end
        set -l others (string replace -r ' AWS_SESSION_EXPIRATION:\S*' '' -- "$AWSENV_NAMES")
        test -n "$others"; or set others '1 -'
        __awsenv_put AWSENV_NAMES "$others AWS_SESSION_EXPIRATION:*"
    else if contains AWS_SESSION_EXPIRATION $__awsenv_owned; or set -q listed[1]
        __awsenv_more
        and __awsenv_drop_expiration
    end
end

# `make` failed, and the guard did not see why: one line per end of a session.
function __awsenv_hint --argument-names failed
    test -n "$__awsenv_typed" -a -z "$__awsenv_asked" -a $failed != 130
    or return
    set -l ended 'is over'
    if test $__awsenv_expiry != 0
        test "$__awsenv_now" -ge $__awsenv_expiry
        or return
        set -l seconds (math $__awsenv_now - $__awsenv_expiry)
        set -l minutes (math -s0 $seconds / 60)
        if test $minutes = 0
            set ended "ended $seconds"'s ago'
        else if test $minutes -lt 60
            set ended "ended $minutes"'m ago'
        else if test $minutes -ge 2880
            set ended "ended "(math -s0 $minutes / 1440)' days ago'
        else
            set ended (printf 'ended %dh%02dm ago' (math -s0 $minutes / 60) (math $minutes % 60))
        end
    else if test "$__awsenv_state" != expired
        return
    end
    test "$__awsenv_hinted" != "$__awsenv_expiry $__awsenv_name"
    or return
    set -g __awsenv_hinted "$__awsenv_expiry $__awsenv_name"
    echo "awsenv: the session of $__awsenv_name $ended: awsenv refresh" >&2
end

# ---- The segment ----------------------------------------------------------------------------------------------------

# It stands in front of fish_mode_prompt, not of fish_prompt: fish runs that one first, keeps $status and $pipestatus
# between the two, and virtual environments, conda and themes that wrap fish_prompt or put it back never meet us.
# Each wrapper has a number of its own and calls what it replaced, so that no order of wrapping can make a circle.
function __awsenv_wrap_prompt
    test -n "$__awsenv_segment"
    or return
    # starship and oh-my-posh show $AWSENV_PROMPT themselves.
    if functions -q enable_transience; or functions -q set_poshcontext
        return
    end
    set -g __awsenv_wraps (math 0$__awsenv_wraps + 1)
    set -l __awsenv_inner __awsenv_mode_prompt_$__awsenv_wraps
    if functions -q fish_mode_prompt
        functions --copy fish_mode_prompt $__awsenv_inner
        functions --erase fish_mode_prompt
    else
        function $__awsenv_inner
        end
    end
    function fish_mode_prompt --inherit-variable __awsenv_inner --description 'awsenv: the segment, then the mode'
        set -g __awsenv_shown 1
        # `read` in a typed line shows the mode too; it is not our prompt.
        test "$__awsenv_typed" = running
        or printf %s $__awsenv_segment
        $__awsenv_inner
    end
end

# ---- The guard ------------------------------------------------------------------------------------------------------

# From 3.6 on fish itself says whether a command line runs; see __awsenv_guard_asks.
if string match -q '3.5*' $version
    function __awsenv_on_postexec --on-event fish_postexec
        set -g __awsenv_typed over
    end
end

# A question may only come while a typed line runs: not in config.fish, prompts, key bindings, completions.
function __awsenv_on_preexec --on-event fish_preexec
    set -g __awsenv_typed running
    # fish runs `function &` in the foreground: what is meant for the background must be the command itself.
    if string match -q '*&*' -- "$argv"
        and __awsenv_in_background "$argv"
        __awsenv_drop_guards
    end
end

# Whether the line has a & that sends something to the background. Escapes, quotes and comments go first; && &| &> >& and
# a & inside a word are something else.
function __awsenv_in_background --argument-names line
    string replace -ra '(?s)\\\\.|\'(?:[^\'\\\\]|\\\\.)*\'|"(?:[^"\\\\]|\\\\.)*"|(?<![^\s;&|()])#[^\n]*' _ -- $line \
        | string match -rq '(?<![&<>])&(?=[\s;)]|$)'
end

# A function for each command on the list that is there and is not a function of the person's.
function __awsenv_define_guards
    test "x$PATH $__awsenv_commands" = "x$__awsenv_looked_up"
    and return
    __awsenv_drop_guards
    set -g __awsenv_looked_up "$PATH $__awsenv_commands"
    test "$__awsenv_want_guard" = 1
    or return
    for __awsenv_command in $__awsenv_commands
        string match -rq '^[A-Za-z0-9_][A-Za-z0-9_.+-]*$' -- $__awsenv_command
        and command -q $__awsenv_command
        and not builtin -q $__awsenv_command
        and not functions -q $__awsenv_command
        or continue
        function $__awsenv_command --inherit-variable __awsenv_command --description 'awsenv: the session first'
            __awsenv_run $__awsenv_command $argv
        end
        set -ga __awsenv_guards $__awsenv_command
    end
end

function __awsenv_drop_guards
    for __awsenv_command in $__awsenv_guards
        # The person may have defined their own in the meantime.
        contains 'awsenv: the session first' (functions --details --verbose $__awsenv_command)
        and functions --erase $__awsenv_command
    end
    # The next prompt brings them back.
    set -eg __awsenv_guards __awsenv_looked_up __awsenv_expected
end

function __awsenv_run
    __awsenv_guard $argv
    or return
    if set -q __awsenv_run_profile[1]
        set -fx AWS_PROFILE $__awsenv_run_profile
        set -g __awsenv_run_profile
    end
    if set -q __awsenv_run_ask[1]
        set -fx AWSENV_ASK $__awsenv_run_ask
        set -g __awsenv_run_ask
    end
    command $argv
end

# Status 0: run it. 130: a person has stopped the line.
function __awsenv_guard
    test "$__awsenv_typed" = running
    or return 0
    if set -q __awsenv_stopped[1]
        return 130
    end
    if __awsenv_is_fresh $argv
        # What only a sibling profile serves, for this one command.
        test -n "$__awsenv_through"
        and set -g __awsenv_run_profile $__awsenv_through
        return 0
    end

    __awsenv_more
    or return 0
    __awsenv_guard_asks $argv
end

# Surely fresh: nothing has changed since the prompt, no profile is named in the arguments, and it does not end within
# the margin. Anything less certain is the binary's to decide.
function __awsenv_is_fresh
    __awsenv_read_key
    test "$__awsenv_key_now" != "$__awsenv_key" $__awsenv_changed
    and return 1
    # The command's own name goes in too: without a word to look at, `string` would read the pipe that is the command's.
    string match -rq -- '^(-p|--p|--aws-p)' $argv
    and return 1
    switch "$__awsenv_state"
        case permanent unknown none
            return 0
        case valid expiring
            if test $__awsenv_expiry = 0
                # Good without an end; yet what renews it may be due.
                test "$__awsenv_due" = 0
                and return 0
                __awsenv_read_clock
                string match -rq '^[1-9][0-9]{0,10}$' -- "$__awsenv_due"
                and test "$__awsenv_due" -gt $__awsenv_now
                return
            end
        case '*'
            return 1
    end
    set -l margin $__awsenv_margin
    for __awsenv_n in $__awsenv_margins
        set -l seconds
        set -l command
        string match -rq '^(?<command>[^=]+)=(?<seconds>0|[1-9][0-9]{0,10})$' -- $__awsenv_n
        and test "$command" = $argv[1]
        and set margin $seconds
    end
    __awsenv_read_clock
    test (math $__awsenv_expiry - $margin) -gt $__awsenv_now
end

# ---- What was there before ------------------------------------------------------------------------------------------

function __awsenv_remember --argument-names __awsenv_n
    contains $__awsenv_n $__awsenv_owned
    or set -ga __awsenv_owned $__awsenv_n
    set -eg __awsenv_"$__awsenv_n"_ours
    if not set -q $__awsenv_n
        set -eg __awsenv_"$__awsenv_n"_was
        return
    end
    set -l how
    set -qg $__awsenv_n; and set -a how --global; or set -a how --universal
    set -qx $__awsenv_n; and set -a how --export; or set -a how --unexport
    set -q --path $__awsenv_n; and set -a how --path; or set -a how --unpath
    set -gu __awsenv_"$__awsenv_n"_how $how
    set -gu __awsenv_"$__awsenv_n"_was $$__awsenv_n
end

# Sets an exported variable, its former value remembered.
function __awsenv_put --argument-names __awsenv_n __awsenv_value
    __awsenv_is_ours $__awsenv_n
    or __awsenv_remember $__awsenv_n
    set -gx -- $__awsenv_n $__awsenv_value
    set -gu __awsenv_"$__awsenv_n"_ours "$$__awsenv_n"
end

# Whether the variable still is as we left it.
function __awsenv_is_ours --argument-names __awsenv_n
    contains $__awsenv_n $__awsenv_owned
    or return
    set -l __awsenv_ours __awsenv_"$__awsenv_n"_ours
    if set -q $__awsenv_ours
        set -qgx $__awsenv_n
        and test "$$__awsenv_n" = "$$__awsenv_ours"
    else
        not set -qg $__awsenv_n
    end
end

# Read to the end:
set -g __awsenv_begun 1

# ==== loaded at first use ====

# ---- awsenv itself --------------------------------------------------------------------------------------------------

function __awsenv_typed_awsenv
    switch "$argv[1]"
        case use
            __awsenv_use $argv[2..]
        case leave
            __awsenv_leave $argv[2..]
        case off
            __awsenv_off $argv[2..]
        case doctor setup status
            # What only the shell knows of itself, for this one command.
            set -lx AWSENV_HOOK (__awsenv_about | string join ' ')
            command $__awsenv_bin $argv
        case '*'
            command $__awsenv_bin $argv
    end
end

function __awsenv_about
    echo fish
    if test "$__awsenv_want_guard" = 1
        for name in $__awsenv_commands
            functions -q $name
            and not functions $name | string match -q '*__awsenv_*'
            and echo kept=$name
        end
    end
    test (count $__awsenv_loads) = 1
    or echo loads=(count $__awsenv_loads)
    __awsenv_is_inherited
    and echo inherited
end

# In a new pane of tmux, or a shell in a shell: does AWSENV_NAMES name something that the prompt did not put there?
function __awsenv_is_inherited
    not contains AWSENV_PROFILE $__awsenv_owned
    and string match -q '1 * *:*' -- "$AWSENV_NAMES"
    and test "$AWSENV_NAMES" != '1 - AWS_SESSION_EXPIRATION:*'
end

# Takes away what another shell's `use` has set: what was there before it is not known here.
function __awsenv_drop_inherited
    for __awsenv_n in $__awsenv_inherited
        contains $__awsenv_n $__awsenv_owned
        and __awsenv_give_back $__awsenv_n
        set -eg $__awsenv_n
    end
    set -eg __awsenv_inherited
end

function __awsenv_use
    if contains -- --help $argv; or contains -- -h $argv
        command $__awsenv_bin use $argv
        return
    end
    if not test -x "$__awsenv_bin"
        echo "awsenv: $__awsenv_bin is gone: install it again, then start a new shell" >&2
        return 127
    end
    set -l typed 0
    test "$__awsenv_typed" = running
    and set typed 1
    # What the shell that we come from has set is awsenv's, too.
    set -g __awsenv_inherited
    if __awsenv_is_inherited; and set -l told ($__awsenv_bin leave fish 1 </dev/null 2>/dev/null)
        set -g __awsenv_unset_names
        eval (string join ';' -- $told)
        set -g __awsenv_inherited $__awsenv_unset_names
    end
    set -l code (__awsenv_as_before $__awsenv_bin switch fish 1 $typed "$__awsenv_previous" "$AWSENV_PROFILE" -- $argv)
    or return
    set -g __awsenv_set_names
    set -g __awsenv_set_values
    set -g __awsenv_unset_names
    eval (string join ';' -- $code)

    # All or nothing.
    for __awsenv_n in $__awsenv_set_names
        if not set -l -- $__awsenv_n '' 2>/dev/null
            echo "awsenv: $__awsenv_n cannot be set in fish: nothing was changed" >&2
            return 1
        end
    end
    for __awsenv_n in $__awsenv_unset_names
        if set -qUx $__awsenv_n
            echo "awsenv: $__awsenv_n is a universal variable, which fish cannot unset in one shell alone: nothing was" \
                "changed; take it away with: set -eU $__awsenv_n" >&2
            return 1
        end
    end

    set -l before $AWS_PROFILE $AWS_DEFAULT_PROFILE
    # Not with test's own -a and -o: it would take a profile named `!` or `(` for a word of its language.
    if test -n "$AWSENV_PROFILE"; and contains -- "$AWS_PROFILE" "$AWSENV_PROFILE" "$AWSENV_PROFILE-session"
        set before $AWSENV_PROFILE
    end
    __awsenv_give_all_back $__awsenv_set_names $__awsenv_unset_names
    __awsenv_drop_inherited
    set -l number 1
    for __awsenv_n in $__awsenv_set_names
        # The text of the segment is the prompt's to keep: nothing to give back later.
        if test $__awsenv_n = AWSENV_PROMPT
            set -gx AWSENV_PROMPT $__awsenv_set_values[$number]
        else
            __awsenv_put $__awsenv_n $__awsenv_set_values[$number]
        end
        set number (math $number + 1)
    end
    for __awsenv_n in $__awsenv_unset_names
        set -qg $__awsenv_n
        or continue
        __awsenv_remember $__awsenv_n
        set -eg $__awsenv_n
    end
    test "$before[1]" != "$AWSENV_PROFILE"
    and set -g __awsenv_previous $before[1]
    set -g __awsenv_set_values
    set -eg __awsenv_key __awsenv_expected
    return 0
end

function __awsenv_leave
    if set -q argv[1]
        command $__awsenv_bin leave $argv
        return
    end
    set -l left $AWSENV_PROFILE
    set -eg AWSENV_PROMPT
    if contains AWSENV_PROFILE $__awsenv_owned
        __awsenv_give_all_back
    else
        # Only the environment tells what awsenv had set.
        set -l code ($__awsenv_bin leave fish 1 </dev/null)
        or return
        set -g __awsenv_unset_names
        eval (string join ';' -- $code)
        set -g __awsenv_inherited $__awsenv_unset_names
        __awsenv_drop_inherited
    end
    test -n "$left"
    and set -g __awsenv_previous $left
    set -eg __awsenv_key __awsenv_expected
    return 0
end

# Everything out of this shell; what `use` has set stays set.
function __awsenv_off
    if set -q argv[1]
        command $__awsenv_bin off $argv
        return
    end
    __awsenv_drop_guards
    __awsenv_drop_expiration
    set -eg AWSENV_PROMPT
    complete --erase --command awsenv
    set -l mine (functions --all --names | string match -r '^__(?:fish_)?awsenv_.*')
    set -l inner __awsenv_mode_prompt_$__awsenv_wraps
    if contains 'awsenv: the segment, then the mode' (functions --details --verbose fish_mode_prompt)
        functions --erase fish_mode_prompt
        functions -q $inner
        and functions --copy $inner fish_mode_prompt
    else
        # Something that wraps ours may still call it: it shows nothing now.
        set mine (string match --invert '__awsenv_mode_prompt_*' -- $mine)
    end
    functions --erase awsenv $mine
    set -eg (set --names --global | string match '__awsenv_*')
    return 0
end

# ---- What was there before ------------------------------------------------------------------------------------------

# Takes AWS_SESSION_EXPIRATION back where it is ours; the person's own stays.
function __awsenv_drop_expiration
    if contains AWSENV_PROFILE $__awsenv_owned; and __awsenv_is_ours AWS_SESSION_EXPIRATION
        # What was there before `use` belongs to the profile before it: it comes back with `leave`.
        set -eg AWS_SESSION_EXPIRATION
        set -eg __awsenv_AWS_SESSION_EXPIRATION_ours
    else if contains AWS_SESSION_EXPIRATION $__awsenv_owned
        __awsenv_give_back AWS_SESSION_EXPIRATION
    else if string match -q '* AWS_SESSION_EXPIRATION:*' -- "$AWSENV_NAMES"
        set -eg AWS_SESSION_EXPIRATION
    else
        return
    end
    set -l others (string replace -r ' AWS_SESSION_EXPIRATION:\S*' '' -- "$AWSENV_NAMES")
    if string match -q '1 * *' -- "$others"
        __awsenv_put AWSENV_NAMES $others
    else if contains AWSENV_NAMES $__awsenv_owned
        __awsenv_give_back AWSENV_NAMES
    else
        set -eg AWSENV_NAMES
    end
end

# The former value again, unless somebody has changed the variable since: then status 1, and it stays.
function __awsenv_give_back --argument-names __awsenv_n
    __awsenv_is_ours $__awsenv_n
    set -l kept $status
    if test $kept = 0
        set -l __awsenv_was __awsenv_"$__awsenv_n"_was
        set -l __awsenv_how __awsenv_"$__awsenv_n"_how
        if set -q $__awsenv_was; and contains -- --global $$__awsenv_how
            set $$__awsenv_how -- $__awsenv_n $$__awsenv_was
        else
            # Under a universal variable this makes that one visible again.
            set -eg $__awsenv_n
        end
    end
    set -l place (contains --index $__awsenv_n $__awsenv_owned)
    and set -eg __awsenv_owned[$place]
    set -eg __awsenv_"$__awsenv_n"_was
    set -eg __awsenv_"$__awsenv_n"_how
    set -eg __awsenv_"$__awsenv_n"_ours
    return $kept
end

# All of them; says which ones stay, but for those in the arguments, which are about to change anyway.
function __awsenv_give_all_back
    set -l kept
    for __awsenv_n in $__awsenv_owned
        __awsenv_give_back $__awsenv_n
        or contains $__awsenv_n $argv
        or set -a kept $__awsenv_n
    end
    if set -q kept[1]
        echo "awsenv: changed since `awsenv use`, so left as it is: $kept" >&2
    end
end

# Runs a command in the environment that was there before awsenv. Values travel as variables, never in the arguments
# of `env`, where every user of the machine could read them.
function __awsenv_as_before
    set -l __awsenv_hidden
    for __awsenv_n in $__awsenv_inherited
        set -a __awsenv_hidden -u $__awsenv_n
    end
    for __awsenv_n in $__awsenv_owned
        __awsenv_is_ours $__awsenv_n
        or continue
        set -l __awsenv_was __awsenv_"$__awsenv_n"_was
        set -l __awsenv_how __awsenv_"$__awsenv_n"_how
        if set -q $__awsenv_was; and contains -- --export $$__awsenv_how
            set -f $$__awsenv_how[1][2..] -- $__awsenv_n $$__awsenv_was
        else
            set -a __awsenv_hidden -u $__awsenv_n
        end
    end
    if set -q __awsenv_hidden[1]
        command env $__awsenv_hidden $argv
    else
        command $argv
    end
end

# ---- The guard, where it is not sure --------------------------------------------------------------------------------

# The second half of __awsenv_guard.
function __awsenv_guard_asks
    # The person's own event handlers and title run while the mark is set. No command line runs during a handler (fish
    # says so since 3.6), and the title is a function.
    set -l running (status current-commandline 2>/dev/null)
    and test -z "$running"
    and return 0
    status stack-trace | string match -rq '\Wfish_title\W'
    and return 0

    test -x "$__awsenv_bin"
    or return 0
    # The line's number, counted only here: lines that ask nothing need none.
    if not set -q __awsenv_asked[1]
        set -g __awsenv_asked 1
        set -q __awsenv_lines[1]
        or set -g __awsenv_lines $__awsenv_seed
        set -g __awsenv_lines (math 0$__awsenv_lines + 1)
    end
    set -l code ($__awsenv_bin guard fish 1 $fish_pid $__awsenv_lines -- $argv </dev/null)
    set -l answer $status
    # The binary has spoken of this session already.
    contains $answer 0 130
    and set -g __awsenv_hinted "$__awsenv_expiry $__awsenv_name"
    switch $answer
        case 0
            eval (string join ';' -- $code)
            return 0
        case 130
            # The signal ends the whole line, loops and pipelines too. Where a person handles it: status and mark.
            set -g __awsenv_stopped 1
            command kill -INT $fish_pid 2>/dev/null
            return 130
        case '*'
            return 0
    end
end

# ---- Completion -----------------------------------------------------------------------------------------------------

# The first TAB brings the real ones in the place of this, and answers with them.
function __awsenv_complete
    complete --erase --command awsenv
    test -x "$__awsenv_bin"
    or return
    $__awsenv_bin completions fish </dev/null 2>/dev/null | source
    complete --command awsenv --no-files --arguments '($__awsenv_bin names </dev/null 2>/dev/null)' \
        --condition '__fish_seen_subcommand_from use refresh login status logout exec export console credentials setup'
    complete --do-complete (commandline --cut-at-cursor --current-process)
end

# ---- Too old a fish -------------------------------------------------------------------------------------------------

if not functions -q __awsenv_on_prompt
    function __awsenv_use
        echo "awsenv: fish $version is too old for this, 3.5 is needed; meanwhile: awsenv exec PROFILE -- COMMAND" >&2
        return 1
    end
end

# Read to the end:
set -g __awsenv_rest 1
