# awsenv for PowerShell 5.1 and 7. `awsenv init powershell` prints a few assignments, then the first part of this file; the
# second is loaded when `awsenv` is first used.
#
# Rules that hold everywhere below:
# - With nothing changed a prompt starts no process, and calls no cmdlet of the Utility and Management modules: the first
#   of them in a session costs more than a tenth of a second. What only a person's own command needs may.
# - Only syntax that 5.1 has, only ASCII: a console's encoding must not matter.
# - StrictMode is off below each entry, by the scopes' chain; at the top level no variable is read that may not be there.
#   A missing $env:x or $function:x is no error.
# - Every function on the way of a prompt or line is hidden from the debugger: else Ctrl-\ at a question would stop in it.
# - In Constrained Language Mode methods may be called on strings and numbers only; $__awsenv_full says that all is allowed.

# ---- State. Loading twice starts the hook anew, but keeps what `use` has to give back. ------------------------------

$global:__awsenv_full = "$($ExecutionContext.SessionState.LanguageMode)" -eq 'FullLanguage'
if ($null -eq $function:__awsenv_update) {
    # Each is name, was it set, its value, do we set it, our value.
    $global:__awsenv_kept = @()
    $global:__awsenv_previous = ''
    $global:__awsenv_switched = ''
    $global:__awsenv_end_owned = $false
    $global:__awsenv_end_was = $null
    # Prompts that ours have replaced, the last one last; and how many of them are being drawn.
    $global:__awsenv_prompts = @()
    $global:__awsenv_depth = 0
    $global:__awsenv_reader = $null
    $global:__awsenv_reader_seen = $null
    $global:__awsenv_count = [long]$global:__awsenv_seed
    $global:__awsenv_hinted = ''
    # What a line's commands run with until the next prompt: name, former value, ours.
    $global:__awsenv_during = @()
    # A typed line runs.
    $global:__awsenv_typed = $false
    $global:__awsenv_prompted = $false
    $global:__awsenv_replaced = $false
    $global:__awsenv_loads = 0
}
# No environment gives this key: the first prompt asks.
$global:__awsenv_key = 'none yet'
$global:__awsenv_loaded = ''
$global:__awsenv_times = ''
$global:__awsenv_files = @()
$global:__awsenv_unsettled = $false
$global:__awsenv_retry = [long]0
$global:__awsenv_asked = $false
$global:__awsenv_names = @()
$global:__awsenv_run_profile = ''
$global:__awsenv_run_ask = ''
# What the binary says, and the fields of its line. An end is in ticks (100 ns since the year 1), 0 where there is none.
$global:__awsenv_line = ''
$global:__awsenv_stamp = ''
$global:__awsenv_seen_at = '0'
$global:__awsenv_watch = @()
$global:__awsenv_absent = @()
$global:__awsenv_margins = @()
$global:__awsenv_name = ''
$global:__awsenv_through = ''
$global:__awsenv_due = '0'
$global:__awsenv_end = [long]0
$global:__awsenv_state = ''
$global:__awsenv_margin = 0
$global:__awsenv_when = ''
$global:__awsenv_label = ''
# The text, right from one tick to another.
$global:__awsenv_from = [long]0
$global:__awsenv_until = [long]0
$global:__awsenv_text = ''
$global:__awsenv_segment = ''

# An older hook, loaded in this session before the program was replaced, has not counted.
function global:__awsenv_count_load {
    [System.Diagnostics.DebuggerHidden()] param()
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $global:__awsenv_loads = [int]$global:__awsenv_loads + 1
}
__awsenv_count_load

# ---- At each prompt -------------------------------------------------------------------------------------------------

# Everything in the environment that decides which profile is in force and how it looks. No value can hold a NUL.
function global:__awsenv_read_key {
    [System.Diagnostics.DebuggerHidden()] param()
    "$env:AWS_PROFILE`0$env:AWS_DEFAULT_PROFILE`0$env:AWS_ACCESS_KEY_ID`0$env:AWS_CONFIG_FILE`0$env:AWS_SHARED_CREDENTIALS_FILE`0$env:AWSENV_PROFILE`0$env:AWSENV_CONFIG`0$env:AWSENV_STATE_DIR`0$env:HOME`0$env:USERPROFILE`0$env:NO_COLOR"
}

# The times of change of all watched files, as one text; what is not there has the year 1601.
function global:__awsenv_read_times {
    [System.Diagnostics.DebuggerHidden()] param()
    $times = ''
    if ($global:__awsenv_full) {
        foreach ($file in $global:__awsenv_files) { $times += "$([IO.File]::GetLastWriteTimeUtc($file).Ticks) " }
    } else {
        foreach ($file in $global:__awsenv_files) {
            $item = Microsoft.PowerShell.Management\Get-Item -LiteralPath $file -Force -ErrorAction Ignore
            if ($item) { $times += "$($item.LastWriteTimeUtc.Ticks) " } else { $times += '504911232000000000 ' }
        }
    }
    $times
}

# Asks the binary when something has changed, writes the text anew when its minute is over.
function global:__awsenv_update {
    [System.Diagnostics.DebuggerHidden()] param()
    $now = [datetime]::UtcNow.Ticks
    $key = __awsenv_read_key
    if ($key -cne $global:__awsenv_key -or $global:__awsenv_unsettled) {
        $ask = $true
    } elseif ($global:__awsenv_retry -ne 0) {
        # Also when the clock was set back.
        $ask = $now -ge $global:__awsenv_retry -or $global:__awsenv_retry - $now -gt 600000000
    } else {
        $ask = (__awsenv_read_times) -cne $global:__awsenv_times
    }
    if ($ask) {
        __awsenv_ask_binary $key
        __awsenv_take_line
    }
    if ($ask -or $now -lt $global:__awsenv_from -or $now -ge $global:__awsenv_until) { __awsenv_write_text $now }
    if ("$env:AWSENV_PROMPT" -cne $global:__awsenv_text -or "$env:AWS_SESSION_EXPIRATION" -cne $global:__awsenv_when) {
        __awsenv_publish
    }
}

# The one start of the binary, silent: its answer says what to watch.
function global:__awsenv_ask_binary {
    [System.Diagnostics.DebuggerHidden()] param([string]$key)
    $global:__awsenv_key = $key
    $global:__awsenv_line = ''
    $global:__awsenv_name = ''
    $global:__awsenv_through = ''
    $global:__awsenv_due = '0'
    $global:__awsenv_watch = @()
    $global:__awsenv_absent = @()
    $global:__awsenv_margins = @()
    $global:__awsenv_seen_at = '0'
    $global:__awsenv_unsettled = $false
    $global:__awsenv_retry = [long]0
    $code = ''
    $status = $global:LASTEXITCODE
    try {
        if (__awsenv_has_binary) {
            $global:LASTEXITCODE = 127
            $code = @(& $global:__awsenv_bin hook powershell 1) -join "`n"
            if ($global:LASTEXITCODE -ne 0) { $code = '' }
        }
    } catch {
        $code = ''
    } finally {
        $global:LASTEXITCODE = $status
    }
    if ($code -eq '') {
        # No binary, or a failure: silence, and another try in a minute.
        $global:__awsenv_retry = [datetime]::UtcNow.Ticks + 600000000
        return
    }
    __awsenv_run_text $code
    __awsenv_watch_files
}

# An absent file in an absent folder need not be looked at. A folder that is there is not enough: .NET gives the time of a
# link, not of where it leads, and ~/.aws may be one.
function global:__awsenv_watch_files {
    [System.Diagnostics.DebuggerHidden()] param()
    $files = @($global:__awsenv_watch)
    foreach ($file in $global:__awsenv_absent) {
        if ($global:__awsenv_absent -cnotcontains ($file -replace '[\\/][^\\/]*$', '')) { $files += $file }
    }
    $global:__awsenv_files = @()
    foreach ($file in $files) {
        # A folder that may not be entered is an error here and at every prompt: it is not looked at.
        if ($global:__awsenv_full) {
            try { $null = [IO.File]::GetLastWriteTimeUtc($file) } catch { continue }
        }
        $global:__awsenv_files += $file
    }
    # A file changed just now, and later than the binary has looked: it must look again. So must it where it could not tell
    # what changes within this second. Only just now: the time of a link is not that of the file the binary reads.
    $now = [datetime]::UtcNow.Ticks
    $global:__awsenv_times = __awsenv_read_times
    foreach ($time in (-split $global:__awsenv_times)) {
        if ([long]$time -gt [long]$global:__awsenv_seen_at -and [long]$time -gt $now - 30000000 -and [long]$time -lt $now + 30000000) {
            $global:__awsenv_unsettled = $true
        }
    }
}

function global:__awsenv_has_binary {
    [System.Diagnostics.DebuggerHidden()] param()
    if ($global:__awsenv_full) { return [IO.File]::Exists($global:__awsenv_bin) }
    $null -ne (Microsoft.PowerShell.Management\Get-Item -LiteralPath $global:__awsenv_bin -Force -ErrorAction Ignore)
}

# Runs what the binary has printed.
function global:__awsenv_run_text {
    [System.Diagnostics.DebuggerHidden()] param([string]$text)
    if ($global:__awsenv_full) {
        . ([scriptblock]::Create($text))
    } else {
        Microsoft.PowerShell.Utility\Invoke-Expression $text
    }
}

# Takes the line apart: `1 EXPIRY STATE MARGIN RFC3339 LABEL`. Anything else: no segment.
function global:__awsenv_take_line {
    [System.Diagnostics.DebuggerHidden()] param()
    $global:__awsenv_end = [long]0
    $global:__awsenv_state = ''
    $global:__awsenv_margin = 0
    $global:__awsenv_when = ''
    $global:__awsenv_label = ''
    $states = 'valid|expiring|refreshable|expired|missing|permanent|unknown|none'
    $date = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
    $text = '[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'
    $number = '0|[1-9][0-9]{0,10}'
    if ($global:__awsenv_line -cmatch "^1 ($number) ($states) ($number) ($date|refreshable|-) ($text{0,300}(?:\t$text{0,300})?)\z") {
        if ($Matches[1] -ne '0') { $global:__awsenv_end = 621355968000000000 + [long]$Matches[1] * 10000000 }
        $global:__awsenv_state = $Matches[2]
        $global:__awsenv_margin = [long]$Matches[3]
        if ($Matches[4] -ne '-') { $global:__awsenv_when = $Matches[4] }
        $global:__awsenv_label = $Matches[5]
    }
}

# Ticks as 11h59m, 59m or <1m.
function global:__awsenv_span {
    [System.Diagnostics.DebuggerHidden()] param([long]$ticks)
    $minutes = ($ticks - $ticks % 600000000) / 600000000
    if ($minutes -lt 1) { return '<1m' }
    if ($minutes -lt 60) { return "${minutes}m" }
    $rest = $minutes % 60
    $hours = ($minutes - $rest) / 60
    if ($rest -lt 10) { return "${hours}h0${rest}m" }
    "${hours}h${rest}m"
}

# The text with the time left in the place of the TAB, from when until when it is right, and the segment in its colour.
function global:__awsenv_write_text {
    [System.Diagnostics.DebuggerHidden()] param([long]$now)
    $end = $global:__awsenv_end
    $left = ''
    $colour = ''
    $global:__awsenv_from = [long]0
    $global:__awsenv_until = [long]9223372036854775807
    if ($end -gt $now) {
        $rest = $end - $now
        $left = __awsenv_span $rest
        $colour = '32'
        if ($rest -lt 9000000000 -or $global:__awsenv_state -eq 'expiring') { $colour = '33' }
        $global:__awsenv_from = $now
        $global:__awsenv_until = $end
        if ($rest -ge 600000000) { $global:__awsenv_until = $now + $rest % 600000000 + 1 }
    } elseif ($end -ne 0 -or $global:__awsenv_state -eq 'expired') {
        $left = 'expired'
        $colour = '31'
        $global:__awsenv_from = $end
    } elseif ($global:__awsenv_state -eq 'missing') {
        $left = 'no session'
        $colour = '31'
    }
    if ($left -eq '') {
        $global:__awsenv_text = $global:__awsenv_label -replace ' ?\t', ''
    } else {
        $global:__awsenv_text = $global:__awsenv_label.Replace("`t", $left)
    }
    $global:__awsenv_segment = ''
    if ($global:__awsenv_text -ne '') {
        $global:__awsenv_segment = "$global:__awsenv_text "
        if ($colour -ne '' -and "$env:NO_COLOR" -eq '' -and $env:TERM -ne 'dumb' -and $host.UI.SupportsVirtualTerminal) {
            $escape = [char]27
            $global:__awsenv_segment = "${escape}[${colour}m$global:__awsenv_text${escape}[0m "
        }
    }
}

# The two variables that other programs read. $null, not an empty text: that would be a variable too.
function global:__awsenv_publish {
    [System.Diagnostics.DebuggerHidden()] param()
    if ($global:__awsenv_text -eq '') { $env:AWSENV_PROMPT = $null } else { $env:AWSENV_PROMPT = $global:__awsenv_text }
    $listed = "$env:AWSENV_NAMES".Contains(' AWS_SESSION_EXPIRATION:')
    if ($global:__awsenv_when -ceq "$env:AWS_SESSION_EXPIRATION") { return }
    if ($global:__awsenv_when -eq '') {
        if ($listed -and (__awsenv_more)) { __awsenv_unpublish_end }
        return
    }
    if (-not $listed) {
        $global:__awsenv_end_owned = $true
        $global:__awsenv_end_was = $env:AWS_SESSION_EXPIRATION
        $names = $env:AWSENV_NAMES
        if (-not $names) { $names = '1 -' }
        $env:AWSENV_NAMES = "$names AWS_SESSION_EXPIRATION:*"
    }
    $env:AWS_SESSION_EXPIRATION = $global:__awsenv_when
}

# Once per end of a session: a typed line failed, and the guard had nothing to say about it.
function global:__awsenv_hint {
    [System.Diagnostics.DebuggerHidden()] param()
    if ($global:__awsenv_asked -or $global:LASTEXITCODE -eq 130 -or $global:__awsenv_name -eq '') { return }
    $ended = 'is over'
    if ($global:__awsenv_end -ne 0) {
        $now = [datetime]::UtcNow.Ticks
        if ($now -lt $global:__awsenv_end) { return }
        $since = ($now - $global:__awsenv_end - ($now - $global:__awsenv_end) % 10000000) / 10000000
        $span = __awsenv_span ($now - $global:__awsenv_end)
        if ($since -lt 60) { $span = "${since}s" }
        if ($since -ge 172800) { $span = "$(($since - $since % 86400) / 86400) days" }
        $ended = "ended $span ago"
    } elseif ($global:__awsenv_state -ne 'expired') {
        return
    }
    $which = "$global:__awsenv_end $global:__awsenv_name"
    if ($which -ceq $global:__awsenv_hinted) { return }
    $global:__awsenv_hinted = $which
    __awsenv_say "the session of $global:__awsenv_name ${ended}: awsenv refresh"
}

function global:__awsenv_say {
    [System.Diagnostics.DebuggerHidden()] param([string]$text)
    if ($global:__awsenv_full) {
        [Console]::Error.WriteLine("awsenv: $text")
    } else {
        Microsoft.PowerShell.Utility\Write-Host "awsenv: $text"
    }
}

# All that a prompt does, before a person's own prompt is drawn: that may show what is published here, and what it calls is
# not typed.
function global:__awsenv_on_prompt {
    [System.Diagnostics.DebuggerHidden()] param([bool]$ok)
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    $ran = $global:__awsenv_typed
    $global:__awsenv_prompted = $true
    $global:__awsenv_typed = $false
    if ($global:__awsenv_during.Count -gt 0) { __awsenv_end_line }
    __awsenv_update
    if (-not $ok -and $ran) { __awsenv_hint }
    $global:__awsenv_asked = $false
    # `Import-Module PSReadLine -Force` puts its own reader back.
    if ($global:__awsenv_full -and -not [object]::ReferenceEquals($function:PSConsoleHostReadLine, $global:__awsenv_reader_seen)) {
        __awsenv_wrap_reader
    }
    # Without a reader of ours nothing tells what is typed: then everything behind a prompt is.
    $global:__awsenv_typed = $null -eq $global:__awsenv_reader
}

# The segment. direnv and the like have changed the environment while the prompt was drawn.
function global:__awsenv_segment {
    [System.Diagnostics.DebuggerHidden()] param()
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    if ((__awsenv_read_key) -cne $global:__awsenv_key) { __awsenv_update }
    if ($global:__awsenv_want_prompt -eq '1') { $global:__awsenv_segment } else { '' }
}

# ---- Prompt and reader ----------------------------------------------------------------------------------------------

# Whoever was there before is called. Where somebody has wrapped ours, and the hook is loaded again around that, ours is in
# the chain twice: the inner one calls what stands one further down, and adds nothing.
# starship and oh-my-posh show $env:AWSENV_PROMPT themselves: then nothing is put in front.
if (-not "$function:prompt".Contains('__awsenv_on_prompt')) {
    if ($null -ne $function:prompt) { $global:__awsenv_prompts += $function:prompt }
}
function global:prompt {
    [System.Diagnostics.DebuggerHidden()] param()
    $ok = $?
    $depth = $global:__awsenv_depth
    $place = $global:__awsenv_prompts.Count - 1 - $depth
    if ($place -lt 0) { return 'PS> ' }
    $former = $global:__awsenv_prompts[$place]
    # `awsenv off` takes the functions away; somebody's prompt may still call this one.
    $outer = $depth -eq 0 -and $null -ne $function:__awsenv_on_prompt
    $tool = @('starship', 'oh-my-posh-core') -contains "$($former.Module)"
    if ($outer) {
        try { $null = __awsenv_on_prompt $ok } catch { $null = $_ }
    }
    $global:__awsenv_depth = $depth + 1
    try {
        # $? cannot be set; this makes it false, leaves nothing in $Error and loads no module.
        if (-not $ok) { Microsoft.PowerShell.Core\Get-History -Id 999999999 -ErrorAction Ignore }
        $parts = @(& $former)
    } finally {
        $global:__awsenv_depth = $depth
    }
    if ($outer -and -not $tool) {
        try { $segment = __awsenv_segment } catch { $segment = '' }
        if ($parts.Count -eq 0) { $parts = @('') }
        $first = [string]$parts[0]
        # What PowerShell itself shows in the place of nothing.
        if ($first -eq '') { $first = 'PS>' }
        # Behind the empty lines that a prompt begins with.
        $rest = $first -replace '^[\r\n]+', ''
        $parts[0] = $first.Substring(0, $first.Length - $rest.Length) + $segment + $rest
    }
    $parts
}

# Between Enter and PowerShell. PSReadLine's own function calls its ReadLine: that one, put back over ours, is wrapped again;
# anything else has wrapped ours.
function global:__awsenv_wrap_reader {
    [System.Diagnostics.DebuggerHidden()] param()
    $reader = $function:PSConsoleHostReadLine
    $global:__awsenv_reader_seen = $reader
    if ($null -eq $reader) { return }
    if (-not "$reader".Contains('__awsenv_read_line')) {
        if ($null -ne $global:__awsenv_reader -and -not "$reader".Contains('[Microsoft.PowerShell.PSConsoleReadLine]::ReadLine(')) { return }
        $global:__awsenv_reader = $reader
    }
    # An error that leaves this function, or two objects, would lose the line: the next one were read without any of this.
    function global:PSConsoleHostReadLine {
        [System.Diagnostics.DebuggerHidden()] param()
        $ok = $?
        Microsoft.PowerShell.Core\Set-StrictMode -Off
        if ($null -ne $function:__awsenv_before_line) {
            try { $null = __awsenv_before_line $ok } catch { $null = $_ }
        }
        # PSReadLine looks at $? first.
        if (-not $ok) { Microsoft.PowerShell.Core\Get-History -Id 999999999 -ErrorAction Ignore }
        $line = & $global:__awsenv_reader
        if ($line -is [string] -and $line -and $null -ne $function:__awsenv_read_line) { $line = __awsenv_read_line $line }
        $line
    }
    $global:__awsenv_reader_seen = $function:PSConsoleHostReadLine
}

# A prompt that took the place of ours (starship, loaded later) has not called it.
function global:__awsenv_before_line {
    [System.Diagnostics.DebuggerHidden()] param([bool]$ok)
    $global:__awsenv_replaced = -not $global:__awsenv_prompted
    if ($global:__awsenv_replaced) {
        __awsenv_on_prompt $ok
        if ("$($function:prompt.Module)" -eq 'starship' -and $null -eq ${function:Invoke-Starship-PreCommand}) {
            # From the next prompt on it has the variable in time.
            function global:Invoke-Starship-PreCommand {
                [System.Diagnostics.DebuggerHidden()] param()
                if ($null -ne $function:__awsenv_on_prompt) { $null = __awsenv_on_prompt $true }
            }
        }
    }
    $global:__awsenv_prompted = $false
}

# Gives the line, or $null when it must not run. Not '': in the debugger that repeats the last step, and at `>> ` it runs what
# was typed so far.
function global:__awsenv_read_line {
    [System.Diagnostics.DebuggerHidden()] param([string]$line)
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    $runs = $true
    $status = $global:LASTEXITCODE
    try {
        # Lines from a file or a pipe are no person's.
        $piped = $global:__awsenv_full -and [Console]::IsInputRedirected
        if (-not $piped) {
            if ($global:__awsenv_want_guard -eq '1') { $runs = @(__awsenv_guard $line)[-1] }
            $global:__awsenv_typed = $runs
        }
    } catch {
        __awsenv_say "the guard failed, and the line runs: $_"
    } finally {
        $global:LASTEXITCODE = $status
    }
    if ($runs) { $line } else { $null }
}

# ---- The guard ------------------------------------------------------------------------------------------------------

# Whether the line may run. Costs a line without a guarded command 0.3 ms, any other one a few.
function global:__awsenv_guard {
    [System.Diagnostics.DebuggerHidden()] param([string]$line)
    if ($global:__awsenv_full) {
        $aliases = @($ExecutionContext.SessionState.InvokeCommand.GetCommands('*', 'Alias', $true))
        if (-not (__awsenv_may_run $line $aliases)) { return $true }
        $records = @(__awsenv_scan $line $aliases)
    } else {
        $records = @(__awsenv_scan_text $line)
    }
    if ($records.Count -eq 0) { return $true }
    $global:__awsenv_run_profile = ''
    $global:__awsenv_run_ask = ''
    if (__awsenv_is_fresh $records) {
        # What only a sibling profile serves, for this one line.
        $global:__awsenv_run_profile = $global:__awsenv_through
    } elseif (__awsenv_has_binary) {
        $code = ''
        $global:__awsenv_asked = $true
        $global:__awsenv_count++
        # Stays when the program cannot be started.
        $global:LASTEXITCODE = 127
        # As a variable: 5.1 can give a program neither a quotation mark nor an empty word as an argument.
        $env:AWSENV_WORDS = $records -join [string][char]30
        try {
            $code = @(& $global:__awsenv_bin guard powershell 1 $PID $global:__awsenv_count '--') -join "`n"
        } finally {
            $env:AWSENV_WORDS = $null
        }
        if ($global:LASTEXITCODE -eq 130) { return $false }
        if ($global:LASTEXITCODE -eq 0) {
            # The binary has spoken of this session already.
            $global:__awsenv_hinted = "$global:__awsenv_end $global:__awsenv_name"
            if ($code -ne '') { __awsenv_run_text $code }
        }
    }
    if ($global:__awsenv_run_profile -ne '') {
        $global:__awsenv_during += , @('AWS_PROFILE', $env:AWS_PROFILE, $global:__awsenv_run_profile)
        $env:AWS_PROFILE = $global:__awsenv_run_profile
    }
    if ($global:__awsenv_run_ask -ne '') {
        $global:__awsenv_during += , @('AWSENV_ASK', $env:AWSENV_ASK, $global:__awsenv_run_ask)
        $env:AWSENV_ASK = $global:__awsenv_run_ask
    }
    $true
}

# The line is over: what its commands ran with goes, but not what it has set itself.
function global:__awsenv_end_line {
    [System.Diagnostics.DebuggerHidden()] param()
    foreach ($entry in $global:__awsenv_during) {
        if ($entry[0] -eq 'AWS_PROFILE') {
            if ($env:AWS_PROFILE -ceq $entry[2]) { $env:AWS_PROFILE = $entry[1] }
        } elseif ($env:AWSENV_ASK -ceq $entry[2]) {
            $env:AWSENV_ASK = $entry[1]
        }
    }
    $global:__awsenv_during = @()
}

# The cheap test in front of any parsing: the name of a guarded command, or of an alias of one, stands in the line.
function global:__awsenv_may_run {
    [System.Diagnostics.DebuggerHidden()] param([string]$line, [object[]]$aliases)
    $bare = $line -replace '[`''"]', ''
    $names = @($global:__awsenv_commands)
    # Aliases, and aliases of aliases.
    for ($hop = 0; $hop -lt 3 -and $names.Count -gt 0; $hop++) {
        foreach ($name in $names) {
            if ($bare.IndexOf($name, [StringComparison]::OrdinalIgnoreCase) -ge 0) { return $true }
        }
        $names = @(foreach ($alias in $aliases) { if ($names -contains $alias.Definition) { $alias.Name } })
    }
    $false
}

# What would this line run? One text for each guarded command: what `$env:AWS_PROFILE = ...` in front of it says (`-`, `?`,
# `=NAME`), its name, its words (`=WORD`, or `?SOURCE` where only running it would tell), with a unit separator between them.
function global:__awsenv_scan {
    [System.Diagnostics.DebuggerHidden()] param([string]$line, [object[]]$aliases)
    $tokens = $null
    $errors = $null
    $ast = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref]$tokens, [ref]$errors)
    # PowerShell will not run it either.
    if ($errors.Count -gt 0) { return }
    $inline = '-'
    $length = 0
    $separator = [string][char]31
    $is_windows = $env:OS -eq 'Windows_NT'
    $nodes = $ast.FindAll({
            param($node)
            $node -is [System.Management.Automation.Language.CommandAst] -or
            $node -is [System.Management.Automation.Language.AssignmentStatementAst]
        }, $true)
    foreach ($node in $nodes) {
        if ($node -is [System.Management.Automation.Language.AssignmentStatementAst]) {
            $left = $node.Left -as [System.Management.Automation.Language.VariableExpressionAst]
            # Names of variables have no letter case on Windows.
            if ($left -and ($left.VariablePath.UserPath -cmatch '^(?i:env):AWS_PROFILE$' -or ($is_windows -and $left.VariablePath.UserPath -eq 'env:AWS_PROFILE'))) {
                $inline = '?'
                $right = $node.Right -as [System.Management.Automation.Language.CommandExpressionAst]
                if ($right -and $node.Operator -eq 'Equals' -and $right.Expression -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                    $word = __awsenv_word '=' $right.Expression.Value
                    if ($word[0] -eq '=') { $inline = $word }
                }
            }
            continue
        }
        $name = $node.GetCommandName()
        if (-not $name) { continue }
        for ($hop = 0; $hop -lt 8; $hop++) {
            $meant = $null
            foreach ($alias in $aliases) {
                if ($alias.Name -eq $name) { $meant = $alias.Definition }
            }
            if (-not $meant) { break }
            $name = $meant
        }
        # From here on the profile is another one, and `use` itself asks for its session.
        if ($name -eq 'awsenv' -or ($name -match '^(Remove|Set|New|Clear)-Item$' -and $node.Extent.Text -match 'AWS_PROFILE')) {
            $inline = '?'
            continue
        }
        $short = ($name -replace '^.*[\\/]', '') -replace '(?i)\.(exe|cmd|bat|ps1)$', ''
        $guarded = ''
        foreach ($known in $global:__awsenv_commands) {
            if ($known -ceq $short -or ($is_windows -and $known -eq $short)) { $guarded = $known }
        }
        if ($guarded -eq '') { continue }
        # The person's own function of that name is left alone.
        if ($name -eq $short -and (__awsenv_is_function $name)) { continue }
        # A function being defined does not run now.
        $parent = $node.Parent
        while ($parent -and $parent -isnot [System.Management.Automation.Language.FunctionDefinitionAst]) { $parent = $parent.Parent }
        if ($parent) { continue }
        $record = "$inline$separator=$guarded"
        for ($i = 1; $i -lt $node.CommandElements.Count; $i++) {
            $element = $node.CommandElements[$i]
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                $word = __awsenv_word '=' $element.Value
            } elseif ($element -is [System.Management.Automation.Language.ConstantExpressionAst]) {
                $word = __awsenv_word '=' $element.Extent.Text
            } elseif ($element -is [System.Management.Automation.Language.CommandParameterAst]) {
                $word = __awsenv_word '=' $element.Extent.Text
            } else {
                $word = __awsenv_word '?' $element.Extent.Text
            }
            # A variable holds 32,767 characters on Windows. What stands further behind names no profile.
            if ($length + $record.Length + $word.Length -lt 24000) { $record += $separator + $word }
        }
        $length += $record.Length
        if ($length -lt 30000) { $record }
    }
}

# Without a search through all modules, which a name that is no function would lead to.
function global:__awsenv_is_function {
    [System.Diagnostics.DebuggerHidden()] param([string]$name)
    @($ExecutionContext.SessionState.InvokeCommand.GetCommands($name, 'Function', $true)).Count -gt 0
}

# A word for the binary; one that is too long, or holds what stands between words, is as good as unknown.
function global:__awsenv_word {
    [System.Diagnostics.DebuggerHidden()] param([string]$kind, [string]$text)
    if ($text.Length -gt 1000 -or $text.IndexOfAny([char[]](0, 30, 31)) -ge 0) { return '?' }
    $kind + $text
}

# In Constrained Language Mode there is no parser: a guarded name that stands where a command can.
function global:__awsenv_scan_text {
    [System.Diagnostics.DebuggerHidden()] param([string]$line)
    $separator = [string][char]31
    foreach ($name in $global:__awsenv_commands) {
        $pattern = '(?:^|[|;&({=])\s*' + [regex]::Escape($name) + '(?:\.exe)?(?:\s+(?<words>[^|;&(){}]*))?(?:$|[|;&(){}])'
        if ($line -match $pattern) {
            $record = "-$separator=$name"
            foreach ($word in (-split "$($Matches['words'])")) {
                if ($word -match '[$`@''"]') { $record += "$separator`?$word" } else { $record += "$separator=$word" }
            }
            $record
        }
    }
}

# Surely good for longer than the margin: nothing is started. Any doubt is the binary's to judge.
function global:__awsenv_is_fresh {
    [System.Diagnostics.DebuggerHidden()] param([string[]]$records)
    if ($global:__awsenv_state -eq '' -or (__awsenv_read_key) -cne $global:__awsenv_key) { return $false }
    foreach ($record in $records) {
        $words = $record -split [string][char]31
        if ($words[0] -cne '-') { return $false }
        foreach ($word in $words) {
            if ($word -match '^[=?]["'']?(-p|--p|--aws-p)|^=--%$') { return $false }
        }
        if (@('permanent', 'unknown', 'none') -ccontains $global:__awsenv_state) { continue }
        if (@('valid', 'expiring') -cnotcontains $global:__awsenv_state) { return $false }
        if ($global:__awsenv_end -eq 0) {
            # Good without an end; yet what renews it may be due.
            if ($global:__awsenv_due -ceq '0') { continue }
            if ($global:__awsenv_due -cnotmatch '^[1-9][0-9]{0,10}$') { return $false }
            $since = [datetime]::UtcNow.Ticks - 621355968000000000
            if ([long]$global:__awsenv_due * 10000000 -le $since) { return $false }
            continue
        }
        $margin = $global:__awsenv_margin
        foreach ($entry in $global:__awsenv_margins) {
            if ($entry -cmatch '^([^=]+)=(0|[1-9][0-9]{0,10})$' -and "=$($Matches[1])" -ceq $words[1]) { $margin = [long]$Matches[2] }
        }
        if ($global:__awsenv_end - $margin * 10000000 -le [datetime]::UtcNow.Ticks) { return $false }
    }
    $true
}

# ---- awsenv itself --------------------------------------------------------------------------------------------------

# Loads the second part, once. 1 is what fits this text: the binary may have been replaced since.
function global:__awsenv_more {
    [System.Diagnostics.DebuggerHidden()] param()
    if ($global:__awsenv_loaded -eq '1') { return $true }
    if (-not (__awsenv_has_binary)) { return $false }
    $status = $global:LASTEXITCODE
    $code = @(& $global:__awsenv_bin init powershell --part first-use) -join "`n"
    $global:LASTEXITCODE = $status
    if ($code -ne '') { __awsenv_run_text $code }
    $global:__awsenv_loaded -eq '1'
}

# Only what must change this session is done here; everything else the program does, with the words as they were typed.
function global:awsenv {
    [System.Diagnostics.DebuggerHidden()] param()
    if (-not (__awsenv_has_binary)) {
        __awsenv_say "$global:__awsenv_bin is gone: install it again, then start a new shell"
        $global:LASTEXITCODE = 127
        return
    }
    # PowerShell has made numbers of what looks like one, and 012345 is a code.
    $words = @()
    $changed = $false
    foreach ($word in $args) {
        if (($word -is [int] -or $word -is [long]) -and "$($MyInvocation.Line)" -match "(?<![\w.])(0+$word)(?![\w.])") {
            $words += $Matches[1]
            $changed = $true
        } else {
            $words += , $word
        }
    }
    $command = ''
    if ($words.Count -gt 0) { $command = [string]$words[0] }
    $helps = $words -ccontains '--help' -or $words -ccontains '-h'
    if (-not $helps -and @('use', 'leave', 'off', 'doctor', 'setup', 'status') -ccontains $command -and (__awsenv_more)) {
        $rest = @()
        for ($i = 1; $i -lt $words.Count; $i++) { $rest += , $words[$i] }
        switch -CaseSensitive ($command) {
            'use' { __awsenv_use $rest }
            'leave' { __awsenv_leave $rest }
            'off' { __awsenv_off $rest }
            default { __awsenv_run_told $words }
        }
        return
    }
    if ($command -ceq 'exec') {
        # PowerShell keeps the first `--` to itself: it goes back behind the options that are ours.
        $all = @('exec')
        $ours = $true
        for ($i = 1; $i -lt $words.Count; $i++) {
            if ($ours -and @('--renew', '--help', '-h') -cnotcontains [string]$words[$i]) {
                $all += '--'
                $ours = $false
            }
            $all += , $words[$i]
        }
        $words = $all
        $changed = $true
    }
    if ($changed) {
        if ($MyInvocation.ExpectingInput) { $input | & $global:__awsenv_bin @words } else { & $global:__awsenv_bin @words }
    } else {
        if ($MyInvocation.ExpectingInput) { $input | & $global:__awsenv_bin @args } else { & $global:__awsenv_bin @args }
    }
}

Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName awsenv -ScriptBlock {
    param($word, $ast, $cursor)
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    if ($null -ne $function:__awsenv_more -and (__awsenv_more)) { __awsenv_complete $word $ast $cursor }
}

# ---- Load -----------------------------------------------------------------------------------------------------------

__awsenv_wrap_reader
if (-not $global:__awsenv_full -and $null -ne $function:PSConsoleHostReadLine) {
    __awsenv_say 'this session is in Constrained Language Mode: commands are found by their names only, not through aliases, and prompts are slower'
}
# `init --use dev`: where nothing else has chosen a profile. No line is typed yet, so nothing is asked.
if ($global:__awsenv_want_profile -ne '' -and "$env:AWS_PROFILE$env:AWS_DEFAULT_PROFILE$env:AWS_ACCESS_KEY_ID$env:AWSENV_PROFILE" -eq '') {
    if (__awsenv_more) { __awsenv_use @($global:__awsenv_want_profile) }
}

# ==== loaded at first use ====

# ---- What was there before ------------------------------------------------------------------------------------------

# $null where there is none.
function global:__awsenv_get {
    param([string]$name)
    if ($global:__awsenv_full) { return [Environment]::GetEnvironmentVariable($name) }
    $item = Microsoft.PowerShell.Management\Get-Item -LiteralPath "Env:$name" -ErrorAction Ignore
    if ($item) { $item.Value } else { $null }
}

function global:__awsenv_put {
    param([string]$name, [string]$value)
    if ($global:__awsenv_full) {
        [Environment]::SetEnvironmentVariable($name, $value)
    } else {
        Microsoft.PowerShell.Management\Set-Item -LiteralPath "Env:$name" -Value $value
    }
}

# A real unset: an empty variable would be one, too.
function global:__awsenv_drop {
    param([string]$name)
    if ($null -ne (__awsenv_get $name)) {
        Microsoft.PowerShell.Management\Remove-Item -LiteralPath "Env:$name" -ErrorAction Ignore
    }
}

function global:__awsenv_put_or_drop {
    param([string]$name, $value)
    if ($null -eq $value) { __awsenv_drop $name } else { __awsenv_put $name $value }
}

function global:__awsenv_keep {
    param([string]$name, [bool]$sets, [string]$value)
    $was = __awsenv_get $name
    $global:__awsenv_kept += , @($name, ($null -ne $was), $was, $sets, $value)
}

# Puts back what `use` changed, where it still is as `use` left it.
function global:__awsenv_give_back {
    param([bool]$says)
    $changed = ''
    if ($global:__awsenv_end_owned) { __awsenv_disown_end }
    foreach ($entry in $global:__awsenv_kept) {
        $name = $entry[0]
        # The prompt keeps these up to date.
        if (@('AWSENV_PROFILE', 'AWSENV_PROMPT', 'AWSENV_NAMES', 'AWS_SESSION_EXPIRATION') -cnotcontains $name) {
            $value = __awsenv_get $name
            $is_ours = $null -eq $value
            # An empty value is no variable to 5.1.
            if ($entry[3]) { $is_ours = "$value" -ceq $entry[4] -and ($null -ne $value -or $entry[4] -eq '') }
            if (-not $is_ours) {
                $changed += " $name"
                continue
            }
        }
        if ($entry[1]) { __awsenv_put $name $entry[2] } else { __awsenv_drop $name }
    }
    $global:__awsenv_kept = @()
    $global:__awsenv_switched = ''
    if ($says -and $changed -ne '') { __awsenv_say "changed since ``awsenv use``, so left as it is:$changed" }
}

# Takes AWS_SESSION_EXPIRATION back where it is awsenv's. What `use` set itself stays on its list until `leave`.
function global:__awsenv_unpublish_end {
    [System.Diagnostics.DebuggerHidden()] param()
    if (-not $global:__awsenv_end_owned) {
        foreach ($entry in $global:__awsenv_kept) {
            if ($entry[0] -ceq 'AWS_SESSION_EXPIRATION') {
                $env:AWS_SESSION_EXPIRATION = $null
                return
            }
        }
    }
    __awsenv_disown_end
}

function global:__awsenv_disown_end {
    [System.Diagnostics.DebuggerHidden()] param()
    if ($global:__awsenv_end_owned) {
        $env:AWS_SESSION_EXPIRATION = $global:__awsenv_end_was
    } else {
        $env:AWS_SESSION_EXPIRATION = $null
    }
    $global:__awsenv_end_owned = $false
    $names = "$env:AWSENV_NAMES" -creplace ' AWS_SESSION_EXPIRATION:\S*', ''
    if ($names -clike '1 * *') { $env:AWSENV_NAMES = $names } else { $env:AWSENV_NAMES = $null }
}

# Does AWSENV_NAMES name something that the prompt did not put there?
function global:__awsenv_is_inherited {
    $global:__awsenv_kept.Count -eq 0 -and "$env:AWSENV_NAMES" -clike '1 * *:*' -and "$env:AWSENV_NAMES" -cne '1 - AWS_SESSION_EXPIRATION:*'
}

# ---- use, leave, off ------------------------------------------------------------------------------------------------

function global:__awsenv_use {
    param([object[]]$words)
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    __awsenv_end_line
    $typed = 0
    if ($global:__awsenv_typed) { $typed = 1 }
    $current = "$env:AWSENV_PROFILE"
    $former = "$env:AWS_PROFILE"
    if ($current -ne '' -and ($former -ceq $global:__awsenv_switched -or $global:__awsenv_switched -eq '')) { $former = $current }
    # In a new window: what the shell that we come from has set is awsenv's, too.
    $inherited = @()
    if (__awsenv_is_inherited) {
        $global:__awsenv_unset_names = @()
        $code = @(& $global:__awsenv_bin leave powershell 1 2>$null) -join "`n"
        if ($code -ne '') { __awsenv_run_text $code }
        $inherited = @($global:__awsenv_unset_names)
    }

    # The binary sees the environment as it is without us; then all is as it was, whatever has happened.
    $names = @('AWS_SESSION_EXPIRATION', 'AWSENV_NAMES') + $inherited
    foreach ($entry in $global:__awsenv_kept) { $names += $entry[0] }
    $values = @()
    foreach ($name in $names) { $values += , (__awsenv_get $name) }
    $kept = $global:__awsenv_kept
    $switched = $global:__awsenv_switched
    $end_owned = $global:__awsenv_end_owned
    $code = ''
    $global:LASTEXITCODE = 127
    try {
        __awsenv_give_back $false
        foreach ($name in $inherited) { __awsenv_drop $name }
        $texts = @($global:__awsenv_previous, $current)
        foreach ($word in $words) { $texts += [string]$word }
        $env:AWSENV_WORDS = $texts -join [string][char]31
        $code = @(& $global:__awsenv_bin switch powershell 1 $typed '.' '.' '--') -join "`n"
    } finally {
        $env:AWSENV_WORDS = $null
        for ($i = 0; $i -lt $names.Count; $i++) { __awsenv_put_or_drop $names[$i] $values[$i] }
        $global:__awsenv_kept = $kept
        $global:__awsenv_switched = $switched
        $global:__awsenv_end_owned = $end_owned
    }
    if ($global:LASTEXITCODE -ne 0 -or $code -eq '') { return }

    $global:__awsenv_set_names = @()
    $global:__awsenv_set_values = @()
    $global:__awsenv_unset_names = @()
    __awsenv_run_text $code
    __awsenv_give_back $true
    foreach ($name in $inherited) { __awsenv_drop $name }
    for ($i = 0; $i -lt $global:__awsenv_set_names.Count; $i++) {
        __awsenv_keep $global:__awsenv_set_names[$i] $true $global:__awsenv_set_values[$i]
        __awsenv_put $global:__awsenv_set_names[$i] $global:__awsenv_set_values[$i]
    }
    foreach ($name in $global:__awsenv_unset_names) {
        __awsenv_keep $name $false ''
        __awsenv_drop $name
    }
    $global:__awsenv_set_values = @()
    $global:__awsenv_switched = "$env:AWS_PROFILE"
    if ($former -cne "$env:AWSENV_PROFILE") { $global:__awsenv_previous = $former }
    $global:__awsenv_key = 'changed'
}

function global:__awsenv_leave {
    param([object[]]$words)
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    if ($words.Count -gt 0) {
        & $global:__awsenv_bin leave @words
        return
    }
    __awsenv_end_line
    $former = "$env:AWSENV_PROFILE"
    $global:LASTEXITCODE = 0
    if ($global:__awsenv_kept.Count -gt 0) {
        __awsenv_give_back $true
    } elseif (__awsenv_is_inherited) {
        # This shell comes from one in which `use` ran: there is nothing to restore, only to unset.
        $global:__awsenv_unset_names = @()
        $code = @(& $global:__awsenv_bin leave powershell 1) -join "`n"
        if ($global:LASTEXITCODE -ne 0) { return }
        __awsenv_run_text $code
        if ($global:__awsenv_end_owned) { __awsenv_disown_end }
        foreach ($name in $global:__awsenv_unset_names) { __awsenv_drop $name }
    } else {
        __awsenv_say 'nothing to leave: `awsenv use` has changed nothing here'
        return
    }
    if ($former -ne '') { $global:__awsenv_previous = $former }
    $global:__awsenv_key = 'changed'
}

# Everything out of this shell; what `use` has set stays set, but for the end of the session.
function global:__awsenv_off {
    param([object[]]$words)
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    if ($words.Count -gt 0) {
        & $global:__awsenv_bin off @words
        return
    }
    __awsenv_end_line
    # Nobody would keep it right: it goes, also where `use` has set it or another shell.
    if ("$env:AWSENV_NAMES".Contains(' AWS_SESSION_EXPIRATION:')) { __awsenv_disown_end }
    $env:AWSENV_PROMPT = $null
    # Something that has wrapped ours may still call it: then it needs what it has replaced, and shows nothing.
    $stays = @()
    if ("$function:prompt".Contains('__awsenv_on_prompt') -and $global:__awsenv_prompts.Count -gt 0) {
        Microsoft.PowerShell.Management\Set-Item -LiteralPath Function:prompt -Value $global:__awsenv_prompts[-1]
    } else {
        $stays += '__awsenv_prompts', '__awsenv_depth'
    }
    if ("$function:PSConsoleHostReadLine".Contains('__awsenv_read_line') -and $null -ne $global:__awsenv_reader) {
        Microsoft.PowerShell.Management\Set-Item -LiteralPath Function:PSConsoleHostReadLine -Value $global:__awsenv_reader
    } else {
        $stays += '__awsenv_reader'
    }
    Microsoft.PowerShell.Management\Remove-Item -Path Function:__awsenv_* -ErrorAction Ignore
    Microsoft.PowerShell.Management\Remove-Item -LiteralPath Function:awsenv -ErrorAction Ignore
    Microsoft.PowerShell.Utility\Remove-Variable -Name __awsenv_* -Exclude $stays -Scope Global -ErrorAction Ignore
    $global:LASTEXITCODE = 0
}

# Tells the binary, for this one command, what only the shell knows of itself.
function global:__awsenv_run_told {
    param([object[]]$words)
    $told = 'powershell'
    if ($global:__awsenv_want_guard -eq '1') {
        if ($null -eq $global:__awsenv_reader) { $told += ' guard=off' }
        foreach ($name in $global:__awsenv_commands) {
            if ($global:__awsenv_full -and (__awsenv_is_function $name)) { $told += " kept=$name" }
        }
    }
    if ($global:__awsenv_loads -gt 1) { $told += " loads=$global:__awsenv_loads" }
    # A prompt that came later and does not call ours. starship gets what it shows in time, from its second prompt on.
    $module = "$($function:prompt.Module)"
    if ($global:__awsenv_replaced -and $module -ne 'starship') {
        $by = 'other'
        if ($module -eq 'oh-my-posh-core') { $by = 'oh-my-posh' }
        if ($by -ne 'other' -or $global:__awsenv_want_prompt -eq '1') { $told += " prompt=$by" }
    }
    if (__awsenv_is_inherited) { $told += ' inherited' }
    $env:AWSENV_HOOK = $told
    try { & $global:__awsenv_bin @words } finally { $env:AWSENV_HOOK = $null }
}

# ---- Completion -----------------------------------------------------------------------------------------------------

# The binary's own script says what it knows: its completer is taken for a part of ours, which adds the profiles' names.
function global:__awsenv_complete {
    param($word, $ast, $cursor)
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    $status = $global:LASTEXITCODE
    try {
        # The line up to the cursor.
        $typed = "$ast"
        $length = $cursor - $ast.Extent.StartOffset
        if ($length -ge 0 -and $length -lt $typed.Length) { $typed = $typed.Substring(0, $length) }
        $before = @(-split $typed)
        $takes = @('use', 'refresh', 'login', 'status', 'logout', 'exec', 'export', 'console', 'credentials', 'setup')
        $at = $before.Count
        if ($word -eq '' -or $typed -match '\s$') { $at++ }
        if ($at -eq 3 -and $takes -ccontains $before[1] -and -not "$word".StartsWith('-')) {
            $begun = "$word" -replace '[''"]', ''
            $global:__awsenv_names = @()
            __awsenv_run_text (@(& $global:__awsenv_bin names powershell) -join "`n")
            foreach ($name in $global:__awsenv_names) {
                if ($name.Length -lt $begun.Length -or $name.Substring(0, $begun.Length) -ne $begun) { continue }
                $text = $name
                if ($name -cnotmatch '^[A-Za-z0-9_][A-Za-z0-9_./:+-]*$') { $text = "'" + ($name -replace '([''\u2018-\u201b])', '$1$1') + "'" }
                if ($global:__awsenv_full) {
                    [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $name)
                } else {
                    $text
                }
            }
            return
        }
        # The script's own types are not to be had there.
        if (-not $global:__awsenv_full) { return }
        if ($null -eq $global:__awsenv_completer) {
            # In this scope the script registers nothing.
            function Register-ArgumentCompleter {
                param([switch]$Native, $CommandName, $ScriptBlock)
                $global:__awsenv_completer = $ScriptBlock
            }
            . ([scriptblock]::Create((@(& $global:__awsenv_bin completions powershell) -join "`n")))
        }
        & $global:__awsenv_completer $word $ast $cursor
    } finally {
        $global:LASTEXITCODE = $status
    }
}

$global:__awsenv_set_names = @()
$global:__awsenv_set_values = @()
$global:__awsenv_unset_names = @()
$global:__awsenv_completer = $null

# Read to the end:
$global:__awsenv_loaded = '1'
