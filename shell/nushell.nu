# awsenv for nushell 0.114 and later. `awsenv init nushell` prints a record of what it knows, then this file.
#
# At a prompt nothing is started: the binary has said which files its answer was made from, and builtins compare their
# times. nushell runs no text that came from a program, so all code is here, and answers are data (NUON).
#
# One record holds everything, `$env.__awsenv`: programs are given text only, so none of it reaches them. nushell looks up
# a name when it reads the code: what is defined in front of this file (config.nu) calls `aws` itself, never the guard.

# ---- At each prompt -------------------------------------------------------------------------------------------------

# The first of the hooks at a prompt. Budget: two builtins that ask the system, for all files.
def --env __awsenv_on_prompt [] {
    let typed = $env.__awsenv.typed
    let status = $env.LAST_EXIT_CODE
    if $typed { $env.__awsenv.typed = false }
    if not $env.__awsenv.begun {
        $env.__awsenv.begun = true
        __awsenv_begin
    }
    if not (__awsenv_is_current) { __awsenv_ask_binary }

    let now = (date now | into int) // 1_000_000_000
    if $now >= $env.__awsenv.until { __awsenv_write_text $now }
    if [$env.__awsenv.text $env.__awsenv.published] != [$env.AWSENV_PROMPT? $env.AWS_SESSION_EXPIRATION?] { __awsenv_publish }
    if $env.PATH != $env.__awsenv.looked_up or not $env.__awsenv.sure { __awsenv_look_up }
    if $env.__awsenv.want_prompt == '1' { __awsenv_wrap_prompt }
    __awsenv_keep_hooks
    if $typed and $status != 0 { __awsenv_hint $status $now }
    # Programs that were started here are nobody's last command.
    $env.LAST_EXIT_CODE = $status
}

# What can wait until a person is there: `init --use dev`, once, where nothing else has chosen a profile. No line is typed
# yet, so nothing is asked.
def --env __awsenv_begin [] {
    let chosen = [$env.AWS_PROFILE? $env.AWS_DEFAULT_PROFILE? $env.AWS_ACCESS_KEY_ID?]
    if $env.__awsenv.want_profile != '' and ($chosen | all {|value| $value in [null ''] }) {
        try { __awsenv_use $env.__awsenv.want_profile }
    }
}

# Everything in the environment that decides on the profile.
def __awsenv_key [] {
    [
        $env.AWS_PROFILE? $env.AWS_DEFAULT_PROFILE? $env.AWS_ACCESS_KEY_ID? $env.AWS_CONFIG_FILE?
        $env.AWS_SHARED_CREDENTIALS_FILE? $env.AWSENV_PROFILE? $env.AWSENV_CONFIG? $env.AWSENV_STATE_DIR? $env.HOME?
    ]
}

# Whether the last answer still holds: same key, no watched file newer than it or gone, no absent one there.
def __awsenv_is_current [] {
    if (__awsenv_key) != $env.__awsenv.key or ($env.__awsenv.absent | any {|file| $file | path exists }) { return false }
    if ($env.__awsenv.watch | is-empty) { return true }
    try {
        # `%` is nushell's own command, whatever the person calls so.
        let times = %ls --directory ...$env.__awsenv.watch | get modified
        ($times | math max | into int) <= $env.__awsenv.since
    } catch {
        false
    }
}

# The one start of the binary. No binary, or a failure: silence, and another try when the key changes or in a minute.
def --env __awsenv_ask_binary [] {
    let answer = try {
        let said = (^$env.__awsenv.bin hook nushell 1 | complete)
        if $said.exit_code == 0 { $said.stdout | from nuon }
    }
    let known = $env.__awsenv
    $env.__awsenv = ($known | merge {
        key: (__awsenv_key)
        # 1970 to 2262: what has no answer is older than every file, and looks at none.
        since: ($answer.since? | default '0' | into int)
        watch: ($answer.watch? | default [])
        absent: ($answer.absent? | default [])
        commands: ($answer.commands? | default $known.commands)
        margins: ($answer.margins? | default [])
        due: (try { $answer.due? | default '0' | into int } catch { 0 })
        name: ($answer.name? | default '')
        through: ($answer.through? | default '')
        sure: ($answer.commands? in [null $known.commands])
        until: 0
    })
    __awsenv_take_line ($answer.line? | default '')
    if $answer == null { $env.__awsenv.retry = (date now | into int) // 1_000_000_000 + 60 }
}

# The line's fields. Numbers are numbers behind this. Anything else than a line: no segment.
def --env __awsenv_take_line [line: string] {
    let states = 'valid|expiring|refreshable|expired|missing|permanent|unknown|none'
    let number = '0|[1-9][0-9]{0,10}'
    let end = '[0-9-]{10}T[0-9:]{8}Z|refreshable|-'
    # No control characters, no bidirectional ones.
    let text = '[^\x00-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]{0,300}'
    let form = [
        '^1 (?<expiry>' $number ') (?<state>' $states ') (?<margin>' $number ') (?<published>' $end ') '
        '(?<label>' $text '(?:\t' $text ')?)$'
    ]
    let fields = $line | parse --regex ($form | str join)
    let line = $fields.0? | default {expiry: '0', state: 'none', margin: '0', published: '-', label: ''}
    $env.__awsenv = ($env.__awsenv | merge {
        expiry: ($line.expiry | into int)
        state: $line.state
        margin: ($line.margin | into int)
        published: (if $line.published != '-' { $line.published })
        label: $line.label
    })
}

# The text with the time left in the place of the TAB, how long it stays right, and its colour.
def --env __awsenv_write_text [now: int] {
    # A question that had no answer is asked again.
    if $env.__awsenv.retry != null and $now >= $env.__awsenv.retry {
        $env.__awsenv.retry = null
        __awsenv_ask_binary
    }
    let hook = $env.__awsenv
    let seconds = $hook.expiry - $now
    let minutes = $seconds // 60
    mut until = 99_999_999_999
    mut left = ''
    mut colour = ''
    if $hook.expiry != 0 and $seconds > 0 {
        $left = if $minutes == 0 {
            '<1m'
        } else if $minutes < 60 {
            $"($minutes)m"
        } else {
            $"($minutes // 60)h($minutes mod 60 | fill --alignment right --character '0' --width 2)m"
        }
        # A minute is over a second behind its last one; the session, with its last.
        $until = $now + $seconds mod 60 + (if $minutes == 0 { 0 } else { 1 })
        $colour = if $minutes < 15 or $hook.state == expiring { ansi yellow } else { ansi green }
    } else if $hook.expiry != 0 or $hook.state == expired {
        $left = 'expired'
        $colour = ansi red
    } else if $hook.state == missing {
        $left = 'no session'
        $colour = ansi red
    }
    if $hook.retry != null { $until = ([$until $hook.retry] | math min) }

    let text = if $left != '' { $hook.label | str replace "\t" $left } else { $hook.label | str replace --regex ' ?\t' '' }
    let plain = $colour == '' or ($env.NO_COLOR? | default '') != '' or $env.TERM? == dumb
    $env.__awsenv.until = $until
    $env.__awsenv.text = (if $text != '' { $text })
    $env.__awsenv.segment = (if $text == '' { '' } else if $plain { $"($text) " } else { $"($colour)($text)(ansi reset) " })
}

# The two variables that other programs read.
def --env __awsenv_publish [] {
    let hook = $env.__awsenv
    let plan = if $hook.published == $env.AWS_SESSION_EXPIRATION? {
        __awsenv_plan
    } else if $hook.published == null {
        if (__awsenv_has_expiration) { __awsenv_plan_no_expiration } else { __awsenv_plan }
    } else {
        let plan = if (__awsenv_has_expiration) and (__awsenv_owned AWS_SESSION_EXPIRATION) == null {
            # From the awsenv of a parent shell: there is no value of the person's to keep.
            __awsenv_plan | merge {load: {AWS_SESSION_EXPIRATION: $hook.published}}
        } else {
            __awsenv_plan_put (__awsenv_plan) AWS_SESSION_EXPIRATION $hook.published
        }
        let others = __awsenv_other_names
        __awsenv_plan_put $plan AWSENV_NAMES $"(if $others == '' { '1 -' } else { $others }) AWS_SESSION_EXPIRATION:*"
    }
    __awsenv_carry_out (if $hook.text == null {
        $plan | merge {hide: [...$plan.hide AWSENV_PROMPT]}
    } else {
        $plan | merge {load: ($plan.load | merge {AWSENV_PROMPT: $hook.text})}
    })
}

# Whether AWS_SESSION_EXPIRATION is awsenv's, of this shell or its parent.
def __awsenv_has_expiration [] {
    (__awsenv_owned AWS_SESSION_EXPIRATION) != null or (__awsenv_names) =~ ' AWS_SESSION_EXPIRATION:'
}

def __awsenv_names [] {
    let names = $env.AWSENV_NAMES?
    if ($names | describe) == string { $names } else { '' }
}

# AWSENV_NAMES without what is about the end of a session.
def __awsenv_other_names [] {
    __awsenv_names | str replace --regex ' AWS_SESSION_EXPIRATION:\S*' ''
}

# `make` failed, and the guard did not see why: one line per end of a session.
def --env __awsenv_hint [status: int, now: int] {
    let hook = $env.__awsenv
    let over = $hook.expiry != 0 and $now >= $hook.expiry or $hook.expiry == 0 and $hook.state == expired
    let end = [$hook.expiry $hook.name]
    if not $over or $status == 130 or $hook.hinted == $end { return }
    # The guard has just said so.
    if ($hook.guards | any {|name| $name in ($hook.typed_line | split row --regex '[\s(){};|^]+') }) { return }
    $env.__awsenv.hinted = $end
    let seconds = $now - $hook.expiry
    let minutes = $seconds // 60
    let ended = if $hook.expiry == 0 {
        'is over'
    } else if $minutes == 0 {
        $"ended ($seconds)s ago"
    } else if $minutes < 60 {
        $"ended ($minutes)m ago"
    } else if $minutes >= 2880 {
        $"ended ($minutes // 1440) days ago"
    } else {
        $"ended ($minutes // 60)h($minutes mod 60 | fill --alignment right --character '0' --width 2)m ago"
    }
    print --stderr $"awsenv: the session of ($hook.name) ($ended): awsenv refresh"
}

# Before a typed line runs, and what it stands for was defined.
def --env __awsenv_on_line [] {
    let number = $env.__awsenv.line + 1
    $env.__awsenv = ($env.__awsenv | merge {typed: true, typed_line: (commandline), line: $number, define: []})
    # When the line is over nushell writes this anew, as text, before any hook runs: while it is a number, the line runs.
    $env.CMD_DURATION_MS = (try { $env.CMD_DURATION_MS | into int } catch { 0 })
}

# ---- The segment ----------------------------------------------------------------------------------------------------

# In front of what PROMPT_COMMAND gives, whoever has set it last. starship and oh-my-posh show $env.AWSENV_PROMPT
# themselves, as their users have configured.
def --env __awsenv_wrap_prompt [] {
    if $env.__awsenv.prompt != null and $env.PROMPT_COMMAND? == $env.__awsenv.prompt { return }
    if $env.STARSHIP_SHELL? == nu or $env.POSH_SHELL? == nu { return }
    let inner = $env.PROMPT_COMMAND? | default ''
    let prompt = if ($inner | describe) == closure {
        {|| $"($env.__awsenv?.segment? | default '')(do $inner)" }
    } else {
        {|| $"($env.__awsenv?.segment? | default '')($inner)" }
    }
    $env.__awsenv.inner = $inner
    $env.__awsenv.prompt = $prompt
    $env.PROMPT_COMMAND = $prompt
}

# ---- Hooks ----------------------------------------------------------------------------------------------------------

# Ours come first at a prompt and last before a typed line runs, so that only what is typed counts as typed; another that
# got in between is moved.
def --env __awsenv_keep_hooks [] {
    let first = try { $env.config.hooks.pre_prompt.0.__awsenv } catch { null }
    let last = try { ($env.config.hooks.pre_execution | last).__awsenv } catch { null }
    if [$first $last] != [prompt line] { __awsenv_hook }
}

def --env __awsenv_hook [] {
    __awsenv_unhook
    let on_prompt = {__awsenv: prompt, code: {|| try { __awsenv_on_prompt } }}
    # Definitions come as text: only text defines commands for the typed line. Each text is read as a whole, so that what
    # shall know what another one did is a text of its own.
    let define = $env.__awsenv.define | each {|text|
        {__awsenv: define, condition: {|| $env.__awsenv.define != [] }, code: $text}
    }
    let on_line = {__awsenv: line, code: {|| __awsenv_on_line }}
    $env.config.hooks.pre_prompt = [$on_prompt ...$env.config.hooks.pre_prompt]
    $env.config.hooks.pre_execution = [...$env.config.hooks.pre_execution ...$define $on_line]
}

def --env __awsenv_unhook [] {
    for when in [pre_prompt pre_execution] {
        let hooks = $env.config.hooks | get --optional $when | default []
        let others = $hooks | where {|hook| (try { $hook.__awsenv } catch { null }) == null }
        $env.config.hooks = ($env.config.hooks | upsert $when $others)
    }
}

# Whether a typed line runs right now: not a hook, a prompt, a completion.
def __awsenv_is_typed [] {
    $env.__awsenv.typed and ($env.CMD_DURATION_MS? | describe) == int
}

# ---- The guard ------------------------------------------------------------------------------------------------------

# A command for each one on the list that is on PATH and not the person's own. Defined before the next line is read.
def --env __awsenv_look_up [] {
    $env.__awsenv.looked_up = $env.PATH
    $env.__awsenv.sure = true
    let wanted = if $env.__awsenv.want_guard == '1' { $env.__awsenv.commands } else { [] }
    # What else may be on the list is no name for a command.
    let wanted = $wanted | where $it =~ '^[A-Za-z_][A-Za-z0-9_+-]*$'
    let wanted = $wanted | where {|name| (__awsenv_type $name) in [external guard] }
    let wanted = $wanted | where {|name| 'external' in (%which --all $name | get type) }
    let gone = $env.__awsenv.guards | where {|name| $name not-in $wanted and (__awsenv_type $name) == guard }
    let new = $wanted | where {|name| (__awsenv_type $name) == external }
    $env.__awsenv.guards = $wanted
    if $new ++ $gone != [] {
        $env.__awsenv.define = (__awsenv_definitions $new $gone)
        __awsenv_hook
    }
}

# The texts that define guards and take others away, and then the aliases for these, which know what was there before.
def __awsenv_definitions [new: list<string>, gone: list<string>] {
    let guard = [
        '# awsenv: the session first'
        '@complete external'
        'def --wrapped NAME [...rest] { ^NAME ...(__awsenv_guard NAME $rest) }'
    ]
    let guards = $new | each {|name| $guard | str replace --all NAME $'"($name)"' } | flatten
    # Only what reads the same everywhere: words.
    let aliases = scope aliases | where name =~ '^[\w.+-]+$' and expansion =~ '^[\w ./:=@%+,-]+$'
    let aliases = $aliases | where {|it| ($it.expansion | split row ' ').0 in ($new ++ $gone) }
    let hidden = $gone | each {|name| $"hide \"($name)\"" }
    let renewed = $aliases | each {|it| $"alias \"($it.name)\" = ($it.expansion)" }
    [[...$hidden ...$guards] $renewed] | each {|lines| $lines | str join "\n" }
}

# What a command of this name is: `guard`, or as `which` says.
def __awsenv_type [name: string] {
    let type = %which $name | get --optional 0.type | default 'none'
    if $type == custom and (try { view source $name } catch { '' }) =~ '__awsenv_guard' { 'guard' } else { $type }
}

# Gives the arguments back, and sets what the command's own environment needs; it is evaluated inside the command, among
# its arguments, so that a pipeline flows past it. Ends the line where a person stopped it.
def --env __awsenv_guard [name: string, rest: list<any>] {
    if not (__awsenv_is_typed) { return $rest }
    if (__awsenv_is_fresh $name $rest) {
        # What only a sibling profile serves, for this one command.
        if $env.__awsenv.through != '' { $env.AWS_PROFILE = $env.__awsenv.through }
        return $rest
    }
    let text = try {
        ^$env.__awsenv.bin guard nushell 1 $nu.pid $env.__awsenv.line -- $name ...$rest
    } catch {|error|
        # 130 goes on as it came, which nushell takes for a program that was stopped: it ends the line and prints nothing.
        # No binary, or a broken one: the command runs.
        if $error.exit_code? == 130 { $error.raw } else { '' }
    }
    let answer = try { $text | from nuon } catch { {} }
    if $answer.run_profile? != null { $env.AWS_PROFILE = $answer.run_profile }
    if $answer.run_ask? != null { $env.AWSENV_ASK = $answer.run_ask }
    $rest
}

# Surely fresh: nothing has changed since the prompt, no profile is named in the arguments, and it does not end within the
# margin. Anything less certain is the binary's to decide.
def __awsenv_is_fresh [name: string, rest: list<any>] {
    let hook = $env.__awsenv
    let names_profile = $rest | any {|word| (try { $word | into string } catch { '' }) =~ '^(-p|--p|--aws-p)' }
    if $names_profile or not (__awsenv_is_current) { return false }
    if $hook.state in [permanent unknown none] { return true }
    if $hook.state not-in [valid expiring] { return false }
    let now = (date now | into int) // 1_000_000_000
    # Good without an end; yet what renews it may be due.
    if $hook.expiry == 0 { return ($hook.due == 0 or $hook.due > $now) }
    let own = $hook.margins | parse --regex '^(?<command>[^=]+)=(?<seconds>0|[1-9][0-9]{0,10})$' | where command == $name
    let margin = $own.seconds.0? | default $hook.margin | into int
    $hook.expiry - $margin > $now
}

# ---- What was there before ------------------------------------------------------------------------------------------
#
# Each entry of `owned` is about one variable: its former value (was_there, spelling, was) and what we made of it (is_set,
# ours). A change is planned first, by commands that only look, and then carried out by one command, called first of all:
# behind the call of a `def --env` nushell keeps two copies of what was set before, and `hide-env` takes only one away.

# To nushell HTTP_PROXY and http_proxy are one variable, which keeps the spelling that it had first: names are compared
# without regard to case.
def __awsenv_same [name: string, other: string] {
    $name =~ $"\(?i\)^($other)$"
}

def __awsenv_spelling [name: string] {
    $env | columns | where {|column| __awsenv_same $column $name } | get --optional 0
}

def __awsenv_owned [name: string] {
    $env.__awsenv.owned | where {|it| __awsenv_same $it.name $name } | get --optional 0
}

# Whether the variable still is as we left it.
def __awsenv_is_ours [entry: record] {
    let spelling = __awsenv_spelling $entry.name
    if $entry.is_set { $spelling != null and ($env | get $spelling) == $entry.ours } else { $spelling == null }
}

# What is, or will be, remembered of a variable: the value from before awsenv, or one that the person has set since.
def __awsenv_entry [name: string] {
    let owned = __awsenv_owned $name
    if $owned != null and (__awsenv_is_ours $owned) { return $owned }
    let spelling = __awsenv_spelling $name
    let was = if $spelling != null { $env | get $spelling }
    {name: $name, was_there: ($spelling != null), spelling: $spelling, was: $was, is_set: false, ours: null}
}

# No change.
def __awsenv_plan [] {
    {hide: [], load: {}, owned: $env.__awsenv.owned}
}

# The plan, and in it a variable as the entry remembers it.
def __awsenv_plan_back [plan: record, entry: record] {
    let owned = $plan.owned | where {|it| $it.name != $entry.name }
    if not (__awsenv_is_ours $entry) {
        $plan | merge {owned: $owned}
    } else if $entry.was_there {
        $plan | merge {owned: $owned, load: ($plan.load | merge {$entry.spelling: $entry.was})}
    } else {
        $plan | merge {owned: $owned, hide: [...$plan.hide $entry.name]}
    }
}

# The plan, and in it a variable set (a value) or unset (null), the former value remembered.
def __awsenv_plan_put [plan: record, name: string, value: any] {
    let entry = __awsenv_entry $name
    let spelling = $entry.spelling | default $name
    let plan = {
        hide: ($plan.hide | where {|it| not (__awsenv_same $it $name) })
        load: ($plan.load | reject --optional $spelling)
        owned: ($plan.owned | where {|it| not (__awsenv_same $it.name $name) })
    }
    if $value != null {
        let entry = $entry | merge {is_set: true, ours: $value}
        $plan | merge {load: ($plan.load | merge {$spelling: $value}), owned: [...$plan.owned $entry]}
    } else if $entry.was_there {
        let entry = $entry | merge {is_set: false, ours: null}
        $plan | merge {hide: [...$plan.hide $name], owned: [...$plan.owned $entry]}
    } else {
        $plan | merge {hide: [...$plan.hide $name]}
    }
}

# The plan to give all back; says which ones stay, but for those that are about to change anyway.
def __awsenv_plan_all_back [about_to: list<string>] {
    let entries = $env.__awsenv.owned
    let kept = $entries | where {|entry|
        not (__awsenv_is_ours $entry) and not ($about_to | any {|name| __awsenv_same $name $entry.name })
    }
    if $kept != [] {
        print --stderr $"awsenv: changed since `awsenv use`, so left as it is: ($kept | get name | str join ' ')"
    }
    $entries | reduce --fold (__awsenv_plan) {|entry, plan| __awsenv_plan_back $plan $entry }
}

# The plan without AWS_SESSION_EXPIRATION where it is ours; the person's own stays.
def __awsenv_plan_no_expiration [] {
    let plan = __awsenv_plan
    let entry = __awsenv_owned AWS_SESSION_EXPIRATION
    let plan = if $entry == null {
        $plan | merge {hide: [AWS_SESSION_EXPIRATION]}
    } else if (__awsenv_owned AWSENV_PROFILE) != null and (__awsenv_is_ours $entry) {
        # What was there before `use` belongs to the profile before it: it comes back with `leave`.
        __awsenv_plan_put $plan AWS_SESSION_EXPIRATION null
    } else {
        __awsenv_plan_back $plan $entry
    }
    let others = __awsenv_other_names
    let names = __awsenv_owned AWSENV_NAMES
    if $others =~ '^1 \S+ .' {
        __awsenv_plan_put $plan AWSENV_NAMES $others
    } else if $names != null {
        __awsenv_plan_back $plan $names
    } else {
        $plan | merge {hide: [...$plan.hide AWSENV_NAMES]}
    }
}

def --env __awsenv_carry_out [plan: record] {
    # Once for each copy that there may be.
    for name in $plan.hide { for _ in 1..4 { hide-env --ignore-errors $name } }
    load-env $plan.load
    $env.__awsenv.owned = $plan.owned
}

# Runs code in the environment that was there before awsenv; it ends with this command.
def __awsenv_as_before [code: closure] {
    __awsenv_carry_out ($env.__awsenv.owned | reduce --fold (__awsenv_plan) {|entry, plan| __awsenv_plan_back $plan $entry })
    do $code
}

# ---- awsenv itself --------------------------------------------------------------------------------------------------

# AWS profiles and sessions in this shell
@complete __awsenv_complete
def --env --wrapped awsenv [...rest] {
    let words = $rest | skip 1
    match ($rest | get --optional 0) {
        'use' => { __awsenv_use ...$words }
        'leave' => { __awsenv_leave ...$words }
        'off' => { __awsenv_off ...$words }
        # What only the shell knows of itself, for this one command.
        'doctor' | 'setup' | 'status' => { with-env {AWSENV_HOOK: (__awsenv_about | str join ' ')} { ^$env.__awsenv.bin ...$rest } }
        _ => { ^$env.__awsenv.bin ...$rest }
    }
}

def __awsenv_about [] {
    let kept = if $env.__awsenv.want_guard == '1' {
        $env.__awsenv.commands | where {|name| (__awsenv_type $name) in [custom alias] }
    } else { [] }
    let inherited = if (__awsenv_is_inherited) { ['inherited'] } else { [] }
    let hooks = try { $env.config.hooks.pre_prompt | where {|hook| (try { $hook.__awsenv } catch { null }) == prompt } } catch { [] }
    let displaced = if $hooks == [] { ['displaced'] } else { [] }
    let loads = if $env.__awsenv.loads > 1 { [$"loads=($env.__awsenv.loads)"] } else { [] }
    ['nushell' ...$displaced ...$loads ...($kept | each {|name| $"kept=($name)" }) ...$inherited]
}

# A shell in a shell: does AWSENV_NAMES name something that the prompt did not put there?
def __awsenv_is_inherited [] {
    let names = __awsenv_names
    (__awsenv_owned AWSENV_PROFILE) == null and $names =~ '^1 \S+ \S+:' and $names != '1 - AWS_SESSION_EXPIRATION:*'
}

def --env __awsenv_use [...words] {
    if '--help' in $words or '-h' in $words { return (^$env.__awsenv.bin use ...$words) }
    let hook = $env.__awsenv
    let typed = if (__awsenv_is_typed) { '1' } else { '0' }
    let used = __awsenv_used
    let chosen = [$env.AWS_PROFILE? $env.AWS_DEFAULT_PROFILE?] | where $it not-in [null ''] | get --optional 0 | default ''
    let before = if $used != '' and $env.AWS_PROFILE? in [$used $"($used)-session"] { $used } else { $chosen }
    # What the shell that we come from has set is awsenv's, too. Where something fails below, nothing of this stays.
    if (__awsenv_is_inherited) {
        let inherited = (^$hook.bin leave nushell 1 | complete).stdout | from nuon | get unset_names
        for name in $inherited { for _ in 1..4 { hide-env --ignore-errors $name } }
        $env.__awsenv.owned = $env.__awsenv.owned | where {|it| $it.name not-in $inherited }
    }
    let text = __awsenv_as_before {||
        ^$hook.bin switch nushell 1 $typed $hook.previous $used -- ...$words
    }
    let answer = $text | from nuon
    let set = $answer.set_names | zip $answer.set_values
    # Of two spellings the later: in small letters, where a program reads only one, it is this.
    let set = $set | reverse | reduce --fold [] {|pair, later|
        if ($later | any {|it| __awsenv_same $it.0 $pair.0 }) { $later } else { [$pair ...$later] }
    }
    # All or nothing. What holds a structure belongs to nushell itself (`config`, conversions).
    for pair in $set {
        let spelling = __awsenv_spelling $pair.0
        let structure = $spelling != null and ($env | get $spelling | describe) =~ '^(record|closure|table)'
        if $structure or (try { do { load-env {$pair.0: $pair.1} }; false } catch { true }) {
            error make --unspanned {msg: $"awsenv: ($pair.0) cannot be set in nushell: nothing was changed"}
        }
    }

    let plan = __awsenv_plan_all_back [...$answer.set_names ...$answer.unset_names]
    let plan = $set | reduce --fold $plan {|pair, plan|
        # The text of the segment is the prompt's to keep: nothing to give back later.
        if $pair.0 == AWSENV_PROMPT {
            $plan | merge {load: ($plan.load | merge {AWSENV_PROMPT: $pair.1})}
        } else {
            __awsenv_plan_put $plan $pair.0 $pair.1
        }
    }
    __awsenv_carry_out ($answer.unset_names | reduce --fold $plan {|name, plan| __awsenv_plan_put $plan $name null })
    if $before != (__awsenv_used) { $env.__awsenv.previous = $before }
    $env.__awsenv.key = null
}

# The profile that `use` chose last, here or in the shell that started this one.
def __awsenv_used [] {
    let used = $env.AWSENV_PROFILE?
    if ($used | describe) == string { $used } else { '' }
}

def --env __awsenv_leave [...words] {
    if $words != [] {
        ^$env.__awsenv.bin leave ...$words
    } else {
        let left = __awsenv_used
        let plan = if (__awsenv_owned AWSENV_PROFILE) != null {
            __awsenv_plan_all_back []
        } else {
            # A shell in a shell: only the environment tells what awsenv had set.
            let answer = ^$env.__awsenv.bin leave nushell 1 | from nuon
            $answer.unset_names | reduce --fold (__awsenv_plan) {|name, plan|
                let entry = __awsenv_owned $name
                if $entry == null { $plan | merge {hide: [...$plan.hide $name]} } else { __awsenv_plan_back $plan $entry }
            }
        }
        __awsenv_carry_out ($plan | merge {hide: [...$plan.hide AWSENV_PROMPT]})
        if $left != '' { $env.__awsenv.previous = $left }
        $env.__awsenv.key = null
    }
}

# Everything out of this shell; what `use` has set stays set. What is defined goes when the next line is read.
def --env __awsenv_off [...words] {
    if $words != [] {
        ^$env.__awsenv.bin off ...$words
    } else {
        let plan = if (__awsenv_has_expiration) { __awsenv_plan_no_expiration } else { __awsenv_plan }
        __awsenv_carry_out ($plan | merge {hide: [...$plan.hide AWSENV_PROMPT]})
        if $env.__awsenv.prompt != null and $env.PROMPT_COMMAND? == $env.__awsenv.prompt {
            $env.PROMPT_COMMAND = $env.__awsenv.inner
        }
        __awsenv_unhook
        let guards = $env.__awsenv.guards | where {|name| (__awsenv_type $name) == guard }
        let own = scope commands | where name =~ '^(__awsenv_|awsenv$)' | each {|it| $"hide ($it.name)" }
        let others = 'where {|hook| (try { $hook.__awsenv } catch { null }) == null }'
        let itself = $"$env.config.hooks.pre_execution = \($env.config.hooks.pre_execution | ($others)\)"
        let texts = __awsenv_definitions [] $guards
        let hooks = [$texts.0 ([$texts.1 ...$own $itself] | str join "\n")] | each {|text| {__awsenv: off, code: $text} }
        $env.config.hooks.pre_execution = [...$env.config.hooks.pre_execution ...$hooks]
        hide-env __awsenv
    }
}

# ---- Completion -----------------------------------------------------------------------------------------------------

# What may stand for the last word: commands, flags and profiles. The first two are read from the binary's own completions.
def __awsenv_complete [words: list<string>] {
    let last = $words | last
    let command = $words | get --optional 1
    let extern = '(?m)(?:^ *# (?<about>.*)\n)? *export extern "?awsenv ?(?<command>[^"\[]*?)"? \[(?<flags>[^\]]*)\]'
    let flag = '(?m)^ *(?<value>--[a-z-]+)[^#\n]*(?:# *(?<description>.*))?$'
    let known = ^$env.__awsenv.bin completions nushell | parse --regex $extern
    let offered = if ($words | length) <= 2 {
        $known | where command !~ '^$| ' | each {|it| {value: $it.command, description: $it.about} }
    } else if $last starts-with '-' {
        $known | where command == $command | get --optional 0.flags | default '' | parse --regex $flag
    } else if $command in [use refresh login logout status exec export console credentials setup] {
        ^$env.__awsenv.bin names | lines | each {|name| {value: (__awsenv_word $name), description: ''} }
    } else {
        let below = $known | where command =~ $"^($command) "
        $below | each {|it| {value: ($it.command | split row ' ' | last), description: $it.about} }
    }
    let begun = $last | str trim --char '"' | str trim --char "'"
    $offered | where {|it| ($it.value | str trim --char '"') starts-with $begun }
}

# A name as one word of a typed line.
def __awsenv_word [name: string] {
    if $name =~ '^[A-Za-z_][\w./:@%+-]*$' { $name } else { $name | to nuon }
}

# ---- Loading ---------------------------------------------------------------------------------------------------------

# Starts nothing, prints nothing. Loading twice starts the hook anew, but keeps what `use` has to give back.
def --env __awsenv_load [] {
    let old = if ($env.__awsenv? | describe) =~ '^record' { $env.__awsenv } else { {} }
    let kept = [line guards inner prompt owned previous] | where {|field| $field in ($old | columns) }
    $env.__awsenv = ({
        # What the last answer said.
        key: null, since: 0, watch: [], absent: [], commands: [], margins: [], due: 0, name: '', through: '', retry: null
        # The line of it, in fields.
        expiry: 0, state: none, margin: 0, published: null, label: ''
        # The text of the segment, with colours, and until when it is right (seconds since 1970).
        text: null, segment: '', until: 0
        # Whether a typed line runs, its text, its number. A new shell in the place of an old one has its process id and
        # start time: what was answered there must not count here.
        typed: false, typed_line: '', line: (random int 1_000_000..800_000_000), hinted: null, begun: false
        # PATH when it was last searched, and whether the list of commands is still that one; what to define next.
        looked_up: null, sure: false, guards: [], define: []
        # What PROMPT_COMMAND was and is; what `use` has changed; the profile for `use -`.
        inner: null, prompt: null, owned: [], previous: ''
        # How often the hook was loaded in this shell.
        loads: (($old.loads? | default 0) + 1)
    } | merge $env.__awsenv_given | merge ($old | select ...$kept))
    hide-env __awsenv_given
    __awsenv_hook
}

__awsenv_load
