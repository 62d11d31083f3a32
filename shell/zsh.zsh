# awsenv for zsh (5.8 or newer). `awsenv init zsh` prints a few assignments and the first part of this file; the second
# comes with the answer to the first prompt's question, the third when it is first needed.
#
# What it does at a prompt: looks whether anything that decides about the session has changed, and if nothing has,
# works out the time left from what the binary said last. That costs no process. The binary is started only when a watched
# file or variable has changed, for the three commands that change this shell, and by a guard whose session may be over.
#
# Two rules for whoever changes it:
# - What was read from a file or inherited is matched against a pattern before it meets arithmetic or a subscript:
#   zsh runs the code in `a[$(…)]` there.
# - Every function works under the shell's own defaults (`emulate -L zsh`), except those in which the user's command
#   itself runs: these must be right under any options the user has set.

# --- Load ----------------------------------------------------------------------------------------------------------

() {
  \builtin emulate -L zsh -o extended_glob -o no_aliases
  # The environment may hold variables of our names: none is believed, none of ours is exported. What `init` has just
  # assigned stays; and so does, when this file is loaded a second time, all that there is, until the next prompt: no
  # environment can hold an array, so those are ours or not there.
  if [[ ${(t)__awsenv_guarded} != array* || ${(t)__awsenv_ours} != association* ]]; then
    \builtin unset -m "__awsenv_*~__awsenv_(bin|protocol|want_prompt|want_guard|want_profile|commands|seed)"
    # For each variable that `use` has changed: what it made it, and what it was before; see __awsenv_look_at.
    typeset -gA __awsenv_ours __awsenv_was
    typeset -ga __awsenv_guarded
    typeset -g __awsenv_previous= __awsenv_names_before= __awsenv_expiration= __awsenv_expiration_was=
  fi
  typeset -gi __awsenv_loads=__awsenv_loads+1
  typeset -g +x __awsenv_bin __awsenv_protocol __awsenv_want_prompt __awsenv_want_guard __awsenv_want_profile __awsenv_seed
  typeset -gi __awsenv_retry=0 __awsenv_core=0 __awsenv_loaded=0
  typeset -ga precmd_functions
  # A script that reads the user's rc files gets `awsenv`, and nothing that acts on its own. The first prompt finds the
  # right place for the hook, and guards what is typed from then on.
  [[ -o interactive ]] && precmd_functions=(__awsenv_precmd ${precmd_functions:#__awsenv_precmd} __awsenv_precmd)
  return 0
}

# The first prompt. The binary answers what every prompt asks it after a change, and what a prompt needs comes with the
# answer. No binary, or a failure: silence, and the next try in a minute.
function __awsenv_precmd {
  local __awsenv_status=$?
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  local -i now=${(%):-%D{%s}}
  [[ -x $__awsenv_bin ]] && (( now >= __awsenv_retry || now < __awsenv_retry - 60 )) || return 0
  __awsenv_retry=now+60
  if [[ -n $__awsenv_want_profile && -z ${AWS_PROFILE-}${AWS_DEFAULT_PROFILE-}${AWSENV_PROFILE-}${AWS_ACCESS_KEY_ID-} ]]; then
    __awsenv_more || return 0
    __awsenv_use "$__awsenv_want_profile"
    __awsenv_look_again $__awsenv_status
  else
    \builtin eval "$("$__awsenv_bin" hook zsh 1 first </dev/null 2>/dev/null)"
    (( __awsenv_core )) && __awsenv_begin $__awsenv_status $now
  fi
  return 0
}

# --- awsenv --------------------------------------------------------------------------------------------------------

# Runs in the user's options, so that `awsenv exec` does.
function awsenv {
  if [[ ${1-} == off && ${2-} != -h && ${2-} != --help ]]; then
    __awsenv_off
  elif __awsenv_more; then
    __awsenv_typed_command "$@"
  else
    \command awsenv "$@"
  fi
}

# Loads the third part, and before a first prompt the second, once.
function __awsenv_more {
  \builtin emulate -L zsh -o no_aliases -o no_xtrace
  (( __awsenv_loaded )) && return 0
  [[ -x $__awsenv_bin ]] || return 1
  local -a parts
  (( __awsenv_core )) || parts=(--part first-prompt)
  \builtin eval "$("$__awsenv_bin" init zsh $parts --part first-use </dev/null 2>/dev/null)"
  (( __awsenv_loaded ))
}

# Takes awsenv out of this shell. What `use` has set stays, as after the end of any program that sets variables; but for
# the end of the session, which nobody would keep right.
function __awsenv_off {
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  (( __awsenv_core )) && __awsenv_withdraw
  precmd_functions=(${precmd_functions:#__awsenv_precmd})
  \builtin unfunction -m awsenv _awsenv '__awsenv_*'
  \builtin unset -m '__awsenv_*'
}

# ==== loaded with the first prompt ====

() {
  \builtin emulate -L zsh -o extended_glob -o no_aliases
  typeset -ga __awsenv_watch __awsenv_absent __awsenv_margins precmd_functions preexec_functions
  # All that the choice of a profile and of its files depends on, as `${(e)…}` expands it. NUL cannot be in a variable
  # that the binary sees, so two different environments never give one string.
  #
  # And the segment as a reference in the prompt: elements 41 to 44 of psvar hold the text and which colour it has. `%v`
  # prints its element as it is, whatever is in it and whether prompt_subst is set or not, and an empty element shows
  # nothing: a copy of the prompt that conda or venv kept and bring back can do no harm.
  typeset -g __awsenv_key= __awsenv_path= __awsenv_stamp= __awsenv_line= __awsenv_seen= __awsenv_name= __awsenv_state= \
    __awsenv_rfc= __awsenv_label= __awsenv_text= __awsenv_colour= __awsenv_shown= __awsenv_hinted= __awsenv_how= \
    __awsenv_timed= __awsenv_timefmt= __awsenv_run_profile= __awsenv_run_ask= __awsenv_reply= __awsenv_through= __awsenv_due=0 \
    __awsenv_key_of=$'${(t)AWS_PROFILE}\0${AWS_PROFILE-}\0${AWS_DEFAULT_PROFILE-\1}\0${AWS_ACCESS_KEY_ID-\1}\0' \
    __awsenv_reference='%(42V.%F{green}%41v%f.%(43V.%F{yellow}%41v%f.%(44V.%F{red}%41v%f.%41v)))'
  __awsenv_key_of+=$'${AWS_CONFIG_FILE-\1}\0${AWS_SHARED_CREDENTIALS_FILE-\1}\0${AWSENV_PROFILE-\1}\0'
  __awsenv_key_of+=$'${AWSENV_CONFIG-\1}\0${AWSENV_STATE_DIR-\1}\0${HOME-\1}'
  # Numbers. Times are in seconds since 1970.
  typeset -gi __awsenv_retry=0 __awsenv_expiry=0 __awsenv_margin=0 __awsenv_since=0 __awsenv_until=0 __awsenv_prompts=__awsenv_seed \
    __awsenv_stopped=0 __awsenv_declined=0 __awsenv_typed=0 __awsenv_settled=0 __awsenv_tool=0
  [[ -o interactive ]] && preexec_functions=(${preexec_functions:#__awsenv_preexec} __awsenv_preexec)
  return 0
}

# --- At each prompt ------------------------------------------------------------------------------------------------

# $3: the line that was typed, aliases expanded.
function __awsenv_preexec {
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  __awsenv_typed=1 __awsenv_prompts+=1 __awsenv_timed=
  # Nothing more in front of the usual line: this is part of what each prompt costs.
  [[ $3 == *time* ]] && __awsenv_note_time $3
  return 0
}

# `time` says nothing about a function, so the guard must know that the line begins with `time` and a command.
function __awsenv_note_time {
  local -a match mbegin mend
  [[ $1 == (#b)[[:space:]]#time[[:space:]]##([A-Za-z0-9_]##=[^[:space:]]#[[:space:]]##)#([^[:space:]\;\&\|]##)* ]] &&
    __awsenv_timed=$match[2]
}

# Before the first answer of the binary where `use` came before the first prompt; __awsenv_define_precmd makes the real one.
function __awsenv_precmd {
  __awsenv_look_again $?
}

# The hot path, made to measure for the files that are watched: no process, and one condition when nothing has changed. A
# builtin, a function and a loop cost zsh system calls, as a test of a file does. So this runs in the user's options: paths
# stand in it letter by letter, everything else in quotes, nothing is assigned, and no index is used.
function __awsenv_define_precmd {
  local file folder tests="\"$__awsenv_key_of\" == \"\$__awsenv_key\"" stamp=${(qq)__awsenv_stamp} clock='${(%):-%D{%s}}'
  local -a there
  local -i n
  # A third of the price, unless the name is somebody else's.
  \builtin zmodload zsh/datetime 2>/dev/null
  [[ ${(t)EPOCHSECONDS} == integer-readonly*special* ]] && clock='${EPOCHSECONDS-0}'
  tests+=" && $clock -ge \$__awsenv_since && $clock -le \$__awsenv_until"
  if (( __awsenv_retry )); then
    tests+=" && $clock -lt $__awsenv_retry && $clock -ge $(( __awsenv_retry - 60 ))"
  else
    # A file that comes into a folder or goes makes the folder newer. In each folder one file is looked for all the same:
    # that tells, too, when the folder itself has gone, or something was mounted there.
    for (( n = 1; n <= $#__awsenv_watch; n++ )); do
      file=$__awsenv_watch[n] folder=$__awsenv_watch[n]:h
      tests+=" && ! ${(qq)file} -nt $stamp"
      [[ -d $file ]] && continue
      if [[ -L $file ]] || (( ! $__awsenv_watch[(Ie)$folder] || ! $there[(Ie)$folder] )); then
        tests+=" && -e ${(qq)file}"
        [[ -L $file ]] || there+=($folder)
      fi
    done
    for (( n = 1; n <= $#__awsenv_watch; n++ )); do
      [[ ! -d $__awsenv_watch[n] ]] || (( $there[(Ie)$__awsenv_watch[n]] )) || tests+=" && -e ${(qq)__awsenv_watch[n]}"
    done
    for (( n = 1; n <= $#__awsenv_absent; n++ )); do
      folder=$__awsenv_absent[n]:h
      (( $__awsenv_watch[(Ie)$folder] && $there[(Ie)$folder] || $__awsenv_absent[(Ie)$folder] )) ||
        tests+=" && ! -e ${(qq)__awsenv_absent[n]}"
    done
    # What the stamp says need not be read: its time of change is part of its name, so this shell's stamp is never another
    # one. Without it nothing is newer.
    tests+=" && -e $stamp"
  fi
  # The text changes with the minute. Variables and the prompt are looked at each time, for others change them too.
  tests+=' && ${AWSENV_PROMPT-} == "$__awsenv_text" && "${psvar[@]:40:1}" == "$__awsenv_shown"'
  tests+=' && ( -z $__awsenv_shown || ${PROMPT-} == *"$__awsenv_reference"* )'
  tests+=' && ${AWS_SESSION_EXPIRATION--} == "$__awsenv_rfc" && ( $__awsenv_rfc == - || -n ${AWSENV_NAMES-} )'
  tests+=' && ${PATH-} == "$__awsenv_path" && "${preexec_functions[*]-}" == *__awsenv_preexec*'
  tests="elif [[ ! ( $tests ) ]]; then __awsenv_look_again 0; fi"
  tests="if [[ \$__awsenv_typed == 1 && \$? != 0 && \$? != 130 ]]; then __awsenv_look_again 1; $tests"
  \builtin eval "function __awsenv_precmd { $tests }"
  return 0
}

# Something has changed, or a typed line has failed: what is it, and what follows from it. $1: the status of the last line.
function __awsenv_look_again {
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  (( __awsenv_settled )) || __awsenv_first_prompt

  local key=${(e)__awsenv_key_of} file stale=
  local -i now=${(%):-%D{%s}}
  if [[ $key != "$__awsenv_key" ]]; then
    stale=1
  elif (( __awsenv_retry )); then
    # The binary failed, or there is no place for a stamp: once a minute is enough, also after the clock was set back.
    (( now < __awsenv_retry && now >= __awsenv_retry - 60 )) || stale=1
  else
    for file in $__awsenv_watch; do
      [[ $file -nt $__awsenv_stamp || ! -e $file ]] && { stale=1; break; }
    done
    for file in $__awsenv_absent; do
      [[ -e $file ]] && { stale=1; break; }
    done
    [[ -e $__awsenv_stamp ]] || stale=1
  fi
  [[ -n $stale ]] && __awsenv_ask_binary "$key" $now
  __awsenv_bring_up $1 $now
}

# The first answer came with this text. $1: the status of the last line, $2: now.
function __awsenv_begin {
  __awsenv_first_prompt
  __awsenv_key=${(e)__awsenv_key_of}
  __awsenv_take_answer $2
  __awsenv_bring_up $1 $2
}

# What the prompt and other programs see, and our places. $1: the status of the last line, $2: now.
function __awsenv_bring_up {
  local -i now=$2
  (( now >= __awsenv_since && now <= __awsenv_until )) || __awsenv_render $now
  __awsenv_publish
  # The guard counts the typed lines there.
  (( $preexec_functions[(Ie)__awsenv_preexec] )) || preexec_functions+=(__awsenv_preexec)
  [[ $PATH == "$__awsenv_path" ]] || __awsenv_define_guards
  if (( __awsenv_typed )); then
    __awsenv_typed=0
    (( $1 == 0 || $1 == 130 )) || __awsenv_hint $now
  fi
  return 0
}

# Starts the binary, which writes the stamp and says what to watch. $1: the key, $2: now.
function __awsenv_ask_binary {
  local code
  __awsenv_key=$1
  __awsenv_stamp= __awsenv_line= __awsenv_name= __awsenv_through= __awsenv_due=0
  __awsenv_watch=() __awsenv_absent=() __awsenv_margins=()
  [[ -x $__awsenv_bin ]] && code="$("$__awsenv_bin" hook zsh 1 </dev/null 2>/dev/null)" && \builtin eval "$code"
  __awsenv_take_answer $2
}

# No answer, or no place for a stamp, so that nothing tells when a file has changed: once a minute is enough. $1: now.
function __awsenv_take_answer {
  __awsenv_retry=$(( $1 + 60 ))
  __awsenv_parse "$__awsenv_line" && [[ -n $__awsenv_stamp ]] && __awsenv_retry=0
  __awsenv_define_guards
  __awsenv_define_precmd
  return 0
}

# Takes a stamp's line apart: VERSION EXPIRY STATE MARGIN RFC3339 LABEL. What does not fit to the letter is no stamp.
function __awsenv_parse {
  local -a match mbegin mend
  local number='(0|[1-9][0-9](#c0,10))'
  __awsenv_until=-1
  if (( $#1 <= 2000 )) && [[ ${1%%$'\n'*} == (#b)1\ ${~number}\
\ (valid|expiring|refreshable|expired|missing|permanent|unknown|none)\ ${~number}\
\ (-|refreshable|[0-9]##-[0-9][0-9]-[0-9][0-9]T[0-9:]##Z)(|\ ([^[:cntrl:]]#(|$'\t'[^[:cntrl:]]#))) ]]; then
    __awsenv_seen=$1
    __awsenv_expiry=$match[1] __awsenv_state=$match[2] __awsenv_margin=$match[3] __awsenv_rfc=$match[4]
    __awsenv_label=$match[6]
  else
    __awsenv_seen= __awsenv_expiry=0 __awsenv_state= __awsenv_margin=0 __awsenv_rfc=- __awsenv_label=
    return 1
  fi
}

# The text of the segment, its colour, and the seconds between which both stay as they are. $1: now.
function __awsenv_render {
  local left= before after
  local -i seconds=$(( __awsenv_expiry - $1 )) minutes
  __awsenv_since=0 __awsenv_until=99999999999 __awsenv_colour=42
  if (( seconds > 0 )); then
    minutes=$(( seconds / 60 ))
    __awsenv_since=$(( __awsenv_expiry - minutes * 60 - 59 )) __awsenv_until=$(( __awsenv_expiry - minutes * 60 ))
    if (( minutes == 0 )); then
      left='<1m'
      __awsenv_until=$(( __awsenv_expiry - 1 ))
    else
      __awsenv_duration $minutes
      left=$__awsenv_reply
    fi
    [[ $__awsenv_state == expiring ]] || (( minutes < 15 )) && __awsenv_colour=43
  elif (( __awsenv_expiry > 0 )) || [[ $__awsenv_state == expired ]]; then
    left=expired __awsenv_colour=44
    # Only a clock that is set back brings a session back to life.
    (( __awsenv_expiry > 0 )) && __awsenv_since=$__awsenv_expiry
  elif [[ $__awsenv_state == missing ]]; then
    left='no session' __awsenv_colour=44
  fi
  before=${__awsenv_label%%$'\t'*} after=
  if [[ $__awsenv_label == *$'\t'* ]]; then
    after=${__awsenv_label#*$'\t'}
    [[ -z $left ]] && before=${before% }
    __awsenv_text=$before$left$after
  else
    __awsenv_text=$before
  fi
  [[ -n ${NO_COLOR-} || ${TERM-} == dumb ]] && __awsenv_colour=
  __awsenv_shown=
  [[ $__awsenv_want_prompt == 1 && -n $__awsenv_text ]] && (( ! __awsenv_tool )) && __awsenv_shown="$__awsenv_text "
  return 0
}

# 185 minutes are 3h05m, in __awsenv_reply.
function __awsenv_duration {
  __awsenv_reply=$(( $1 % 60 ))m
  (( $1 >= 60 )) && __awsenv_reply=$(( $1 / 60 ))h${(l:3::0:)__awsenv_reply}
  return 0
}

# Brings the variables and the prompt to what the text and the stamp say.
function __awsenv_publish {
  if [[ -n $__awsenv_text ]]; then
    __awsenv_export AWSENV_PROMPT "$__awsenv_text"
  else
    __awsenv_unset AWSENV_PROMPT
  fi
  __awsenv_publish_expiration "$__awsenv_rfc"

  if [[ -n $__awsenv_shown ]]; then
    psvar[41,44]=("$__awsenv_shown" '' '' '')
    [[ -n $__awsenv_colour ]] && psvar[__awsenv_colour]=1
    # In front; again when another tool has set the prompt anew or brought an old one back.
    [[ $PROMPT == *"$__awsenv_reference"* ]] || PROMPT=$__awsenv_reference$PROMPT
  else
    (( $#psvar > 40 )) && psvar[41,44]=('' '' '' '')
  fi
  return 0
}

# AWS_SESSION_EXPIRATION follows the profile in force. $1: its value, or - where there is none. AWSENV_NAMES says, also to
# the shells that inherit both, that the variable is ours: NAME:HASH where `use` set it, NAME:* where this did.
function __awsenv_publish_expiration {
  local mark=' AWS_SESSION_EXPIRATION:' listed=
  [[ ${AWSENV_NAMES-} == *$mark* ]] && listed=1
  if [[ $1 != - ]]; then
    [[ -n $listed && ${AWS_SESSION_EXPIRATION-} == "$1" ]] && return 0
    if [[ -z $listed ]]; then
      # Somebody else's value comes back when ours goes.
      __awsenv_look_at AWS_SESSION_EXPIRATION
      __awsenv_expiration_was=$__awsenv_reply
      __awsenv_export AWSENV_NAMES "${AWSENV_NAMES:-1 -}$mark*" || return 0
    elif [[ $AWSENV_NAMES != *$mark\** ]]; then
      __awsenv_export AWSENV_NAMES "${AWSENV_NAMES/${~mark}[^ ]#/$mark*}" || return 0
    fi
    __awsenv_export AWS_SESSION_EXPIRATION "$1" && __awsenv_expiration=$1
  elif [[ -n $listed ]]; then
    if [[ -z $__awsenv_expiration || ${AWS_SESSION_EXPIRATION-} == "$__awsenv_expiration" ]]; then
      # Nothing is known of what was there before when it was inherited.
      __awsenv_put_back AWS_SESSION_EXPIRATION "${__awsenv_expiration_was:--}"
    fi
    __awsenv_expiration= __awsenv_expiration_was=
    __awsenv_set_mark "${AWSENV_NAMES/${~mark}[^ ]#/}"
  fi
  return 0
}

# $1: what AWSENV_NAMES is to be. A version and a salt without any name is nothing.
function __awsenv_set_mark {
  if [[ $1 == *' '*' '* ]]; then
    __awsenv_export AWSENV_NAMES "$1"
  else
    __awsenv_unset AWSENV_NAMES
  fi
}

# Exports $1 with the value $2, byte for byte; not where the user has made it read-only or something else than a string.
function __awsenv_export {
  [[ ${(tP)1} == (|scalar*~*readonly*) ]] && \builtin export "$1=$2"
}

function __awsenv_unset {
  [[ ${(tP)1} == (|scalar*~*readonly*) ]] && \builtin unset -v -- "$1"
}

# What a variable is now, in __awsenv_reply: x and its value when it is exported, s and its value when not, - when it is not set.
function __awsenv_look_at {
  case ${(tP)1} in
    ('') __awsenv_reply=- ;;
    (*export*) __awsenv_reply=x${(P)1} ;;
    (*) __awsenv_reply=s${(P)1} ;;
  esac
}

# The other way: makes the variable $1 what $2 says.
function __awsenv_put_back {
  case $2 in
    (-) __awsenv_unset $1 ;;
    (x*) __awsenv_export $1 "${2#x}" ;;
    (*) \builtin typeset -g +x "$1=${2#s}" ;;
  esac
}

# A typed line failed and the session is over: says so, once for each session. $1: now.
function __awsenv_hint {
  local ended=
  [[ $__awsenv_state == expired ]] || (( __awsenv_expiry > 0 && __awsenv_expiry <= $1 )) || return 0
  [[ $__awsenv_hinted != "$__awsenv_seen" ]] || return 0
  # Whoever has just answered a question knows.
  (( __awsenv_declined == __awsenv_prompts )) && return 0
  __awsenv_hinted=$__awsenv_seen
  if (( __awsenv_expiry > 0 && $1 - __awsenv_expiry < 60 )); then
    ended="ended $(( $1 - __awsenv_expiry ))s ago"
  elif (( __awsenv_expiry > 0 && $1 - __awsenv_expiry >= 172800 )); then
    ended="ended $(( ($1 - __awsenv_expiry) / 86400 )) days ago"
  elif (( __awsenv_expiry > 0 )); then
    __awsenv_duration $(( ($1 - __awsenv_expiry) / 60 ))
    ended="ended $__awsenv_reply ago"
  else
    ended='is over'
  fi
  \builtin print -ru2 -- "awsenv: the session of $__awsenv_name $ended: awsenv refresh"
}

# What can only be known when all rc files have been read.
function __awsenv_first_prompt {
  local __awsenv_name_
  local -i __awsenv_place
  __awsenv_settled=1
  # With one of these loaded the prompt is theirs: we only publish the variable.
  for __awsenv_name_ in prompt_starship_precmd starship_precmd _omp_precmd _p9k_precmd; do
    \builtin typeset +f $__awsenv_name_ && __awsenv_tool=1
  done >/dev/null
  # Our place among the hooks: behind those that change the environment (direnv, mise), in front of those that already
  # render (oh-my-posh, powerlevel10k). This list is in front and behind until it is known who is there.
  precmd_functions=(${precmd_functions:#__awsenv_precmd})
  __awsenv_place=${precmd_functions[(i)(_omp_precmd|_p9k_precmd)]}
  precmd_functions[__awsenv_place,__awsenv_place-1]=(__awsenv_precmd)
  \builtin typeset +f compdef >/dev/null && compdef __awsenv_complete awsenv
  return 0
}

# --- The guard -----------------------------------------------------------------------------------------------------

# A function for each guarded command on the PATH. A function of the user's own is left alone.
function __awsenv_define_guards {
  local name
  local -a wanted
  __awsenv_path=$PATH
  [[ $__awsenv_want_guard == 1 ]] && wanted=(${(M)__awsenv_commands:#[[:alnum:]_][[:alnum:]_.+-]#})
  __awsenv_drop_guards
  for name in $wanted; do
    \builtin typeset +f -- $name && continue
    \builtin whence -p -- $name || continue
    \builtin eval "function $name { __awsenv_run $name \"\$@\" }"
    __awsenv_guarded+=($name)
  done >/dev/null
}

function __awsenv_drop_guards {
  local name
  for name in $__awsenv_guarded; do
    [[ ${functions[$name]-} == *"__awsenv_run $name "* ]] && \builtin unfunction -- $name
  done
  __awsenv_guarded=()
}

# Runs in the user's options. $1: the command, then its arguments.
function __awsenv_run {
  __awsenv_guard "$@" || return
  case "$__awsenv_how" in
    (ask) AWSENV_ASK=never \command "$@" ;;
    (profile) AWS_PROFILE="$__awsenv_run_profile" \command "$@" ;;
    (profile-ask) AWSENV_ASK=never AWS_PROFILE="$__awsenv_run_profile" \command "$@" ;;
    (time)
      # The job's text would be that of this line.
      \builtin local TIMEFMT="$__awsenv_timefmt"
      time \command "$@"
      ;;
    (*) \command "$@" ;;
  esac
}

# 0: run it, as __awsenv_how says; 130: do not.
function __awsenv_guard {
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  __awsenv_how=
  # Only what was typed: not in rc files, hooks, completion, key bindings, the prompt's own $(…).
  [[ $zsh_eval_context[1] == toplevel ]] || return 0
  (( __awsenv_stopped == __awsenv_prompts )) && return 130
  if __awsenv_surely_fresh "$@"; then
    # AWS_PROFILE, set by hand, names a profile that SDKs get only through its sibling.
    [[ -n $__awsenv_through && ${(t)AWS_PROFILE} != *readonly* ]] &&
      __awsenv_run_profile=$__awsenv_through __awsenv_how=profile
  else
    __awsenv_more || return 0
    __awsenv_ask_guard "$@" || return
  fi
  if [[ $__awsenv_timed == $1 ]] && (( ! ZSH_SUBSHELL )); then
    __awsenv_timed=
    if [[ -z $__awsenv_how && -n ${TIMEFMT-} ]]; then
      __awsenv_how=time
      __awsenv_timefmt=${TIMEFMT//\%J/${${(j: :)@}//\%/%%}}
    fi
  fi
  return 0
}

# Whether the session is good without a doubt: the profile is that of the last prompt, the arguments name no other, and
# it ends later than the margin from now.
function __awsenv_surely_fresh {
  local margin=$__awsenv_margin now=${(%):-%D{%s}}
  [[ ${(e)__awsenv_key_of} == "$__awsenv_key" ]] || return 1
  (( $argv[(I)(-p*|--p*|--aws-p*)] )) && return 1
  case $__awsenv_state in
    (permanent | unknown | none) return 0 ;;
    (valid | expiring) ;;
    (*) return 1 ;;
  esac
  if (( ! __awsenv_expiry )); then
    # Good without an end; yet what renews it may be due.
    [[ $__awsenv_due == 0 ]] && return 0
    [[ $__awsenv_due == [1-9][0-9](#c0,10) ]] && (( __awsenv_due > now ))
    return
  fi
  local own=${(M)__awsenv_margins:#${(b)1}=*}
  [[ ${own##*=} == (0|[1-9][0-9](#c0,10)) ]] && margin=${own##*=}
  (( __awsenv_expiry - margin > now ))
}

# What stands in other places than our own names.
function __awsenv_withdraw {
  # Nobody would keep it right. What was there before `use` belongs to the profile before it.
  (( $#__awsenv_ours )) && __awsenv_expiration_was=
  __awsenv_publish_expiration -
  __awsenv_unset AWSENV_PROMPT
  __awsenv_drop_guards
  preexec_functions=(${preexec_functions:#__awsenv_preexec})
  [[ ${PROMPT-} == *"$__awsenv_reference"* ]] && PROMPT=${PROMPT//"$__awsenv_reference"/}
  (( $#psvar > 40 )) && psvar[41,44]=('' '' '' '')
  \builtin typeset +f compdef >/dev/null && compdef -d awsenv
  return 0
}

# Runs in the options of the completion system.
function __awsenv_complete {
  __awsenv_more && __awsenv_complete_words "$@"
}

# Last, so that a part of this text does not count.
__awsenv_core=1

# ==== loaded at first use ====

# --- The guard asks ------------------------------------------------------------------------------------------------

# Lets the binary decide, and ask on the terminal. What it says is for this one command.
#
# Not `$(…)`: zsh runs the right side of a pipe in the shell itself, and a substitution there stays in the shell's process
# group while the terminal belongs to that of the left side, so nothing could be asked. A pipe into `read`, which is a
# right side too, puts the binary into the group that has the terminal. (`read -d` would change the terminal's mode.)
function __awsenv_ask_guard {
  local code= line
  local -i answer
  [[ -x $__awsenv_bin ]] || return 0
  # A typed `cd` runs hooks, which nobody has typed.
  (( ${#${(@M)funcstack:#chpwd}} || ${#${(@)funcstack:*chpwd_functions}} )) && return 0
  "$__awsenv_bin" guard zsh 1 $$ $__awsenv_prompts -- "$@" </dev/null |
    while IFS= \builtin read -r line; do code+=$line$'\n'; done
  answer=$pipestatus[1]
  # The binary has spoken of this session already.
  (( answer == 0 || answer == 130 )) && __awsenv_hinted=$__awsenv_seen
  if (( answer == 0 )); then
    __awsenv_run_profile= __awsenv_run_ask=
    \builtin eval "$code"
    [[ -n $__awsenv_run_profile && ${(t)AWS_PROFILE} != *readonly* ]] && __awsenv_how=profile
    if [[ $__awsenv_run_ask == never ]]; then
      __awsenv_how=${__awsenv_how:+$__awsenv_how-}ask
      __awsenv_declined=$__awsenv_prompts
    fi
  elif (( answer == 130 )); then
    __awsenv_stop
    return 130
  fi
  return 0
}

# Ctrl-C at the question ends the whole typed line, as it would for a running command. Where the user has a trap of
# their own for INT this is up to the trap; then later guarded commands of the line still do not run.
function __awsenv_stop {
  __awsenv_stopped=$__awsenv_prompts __awsenv_declined=$__awsenv_prompts
  if (( ZSH_SUBSHELL )); then
    # The whole job, so that nothing behind a pipe or a parenthesis goes on. (No `trap - INT` before it: in a subshell
    # INT is at its default already, and that would put the interactive shell's handler there.)
    \builtin kill -INT 0
    \builtin exit 130
  fi
  \builtin kill -INT $$
}

# --- use, leave ---------------------------------------------------------------------------------------------------

# Everything but `off`, in the user's options.
function __awsenv_typed_command {
  case "${1-} ${2-}" in
    (*' -h' | *' --help') __awsenv_binary "$@" ;;
    ('use '*) \builtin shift; __awsenv_use "$@" ;;
    ('leave '*) __awsenv_leave ;;
    ('doctor '* | 'setup '* | 'status '*) __awsenv_binary_told "$@" ;;
    (*) __awsenv_binary "$@" ;;
  esac
}

# Tells the binary, for this one command, what only the shell knows of itself.
function __awsenv_binary_told {
  \builtin emulate -L zsh -o no_aliases -o no_xtrace
  local -x AWSENV_HOOK=zsh
  local name
  if [[ $__awsenv_want_guard == 1 ]]; then
    for name in ${__awsenv_commands:|__awsenv_guarded}; do
      \builtin typeset +f -- $name >/dev/null && AWSENV_HOOK+=" kept=$name"
    done
  fi
  [[ ! -o interactive ]] || (( $precmd_functions[(Ie)__awsenv_precmd] )) || AWSENV_HOOK+=' displaced'
  (( __awsenv_loads == 1 )) || AWSENV_HOOK+=" loads=$__awsenv_loads"
  (( ! $#__awsenv_ours )) && __awsenv_is_inherited && AWSENV_HOOK+=' inherited'
  __awsenv_binary "$@"
}

function __awsenv_binary {
  if [[ -x "$__awsenv_bin" ]]; then
    "$__awsenv_bin" "$@"
  else
    \command awsenv "$@"
  fi
}

function __awsenv_say {
  \builtin print -ru2 -- "awsenv: $1"
}

# Changes this shell to what the binary says: everything or nothing. Names of variables come from it and from the
# settings file, so our own variables here have names that nobody else uses.
function __awsenv_use {
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  local __awsenv_code= __awsenv_current=${AWSENV_PROFILE-} __awsenv_effective
  local -i __awsenv_by_hand=0 __awsenv_answer
  if (( ZSH_SUBSHELL )); then
    __awsenv_say 'use has no effect in a subshell or pipeline: type it on its own'
    return 1
  fi
  [[ -o interactive && $zsh_eval_context[1] == toplevel ]] && __awsenv_by_hand=1
  # The profile that `use -` will go back to.
  __awsenv_effective=${AWS_PROFILE:-${AWS_DEFAULT_PROFILE-}}
  [[ -n $__awsenv_current && ${__awsenv_ours[AWS_PROFILE]-} == "x${AWS_PROFILE-}" ]] && __awsenv_effective=$__awsenv_current

  # In a new pane: what the shell that we come from has set is awsenv's, too.
  local -a __awsenv_inherited
  if (( ! $#__awsenv_ours )) && __awsenv_is_inherited; then
    __awsenv_name_inherited 2>/dev/null && __awsenv_inherited=($__awsenv_unset_names)
  fi
  # The binary sees the environment as it was before awsenv changed it. (A pipe for the reason given in the guard.)
  (
    __awsenv_take_back
    __awsenv_drop $__awsenv_inherited
    exec "$__awsenv_bin" switch zsh 1 $__awsenv_by_hand "$__awsenv_previous" "$__awsenv_current" -- "$@"
  ) | while IFS= \builtin read -r __awsenv_reply; do __awsenv_code+=$__awsenv_reply$'\n'; done
  __awsenv_answer=$pipestatus[1]
  (( __awsenv_answer == 0 )) || return __awsenv_answer
  __awsenv_set_names=() __awsenv_set_values=() __awsenv_unset_names=()
  \builtin eval "$__awsenv_code"
  __awsenv_all_changeable ${(k)__awsenv_ours} $__awsenv_set_names $__awsenv_unset_names $__awsenv_inherited || return 1
  __awsenv_take_back tell
  __awsenv_drop $__awsenv_inherited
  __awsenv_apply
  __awsenv_set_names=() __awsenv_set_values=() __awsenv_unset_names=()
  # `use --region R` alone stays where it is.
  [[ $__awsenv_effective == "${AWSENV_PROFILE-}" ]] || __awsenv_previous=$__awsenv_effective
  return 0
}

# Whether each of these variables can be set and unset here; says which one cannot.
function __awsenv_all_changeable {
  local __awsenv_name_
  for __awsenv_name_ in "$@" AWSENV_NAMES AWS_SESSION_EXPIRATION AWSENV_PROMPT; do
    if [[ $__awsenv_name_ != [A-Za-z_][A-Za-z0-9_]# ]]; then
      __awsenv_say 'the answer of the binary makes no sense to this shell: open a new one. Nothing is changed'
      return 1
    elif [[ ${(tP)__awsenv_name_} == *readonly* ]]; then
      __awsenv_say "read-only in this shell, so nothing is changed: $__awsenv_name_"
      return 1
    elif [[ ${(tP)__awsenv_name_} != (|scalar*) ]]; then
      __awsenv_say "$__awsenv_name_ is not a string in this shell: nothing is changed"
      return 1
    fi
  done
}

# Sets and unsets, and remembers what was there. Three variables are the hook's own business: it changes them with time.
function __awsenv_apply {
  local __awsenv_name_ __awsenv_value
  for __awsenv_name_ __awsenv_value in "${(@)__awsenv_set_names:^__awsenv_set_values}"; do
    case $__awsenv_name_ in
      (AWSENV_PROMPT) __awsenv_export AWSENV_PROMPT "$__awsenv_value" ;;
      (AWSENV_NAMES)
        __awsenv_look_at AWSENV_NAMES
        __awsenv_names_before=$__awsenv_reply
        __awsenv_export AWSENV_NAMES "$__awsenv_value"
        ;;
      (AWS_SESSION_EXPIRATION)
        __awsenv_look_at AWS_SESSION_EXPIRATION
        __awsenv_expiration_was=$__awsenv_reply __awsenv_expiration=$__awsenv_value
        __awsenv_export AWS_SESSION_EXPIRATION "$__awsenv_value"
        ;;
      (*)
        __awsenv_look_at $__awsenv_name_
        __awsenv_was[$__awsenv_name_]=$__awsenv_reply __awsenv_ours[$__awsenv_name_]=x$__awsenv_value
        __awsenv_export $__awsenv_name_ "$__awsenv_value"
        ;;
    esac
  done
  for __awsenv_name_ in ${__awsenv_unset_names:#(AWSENV_PROMPT|AWSENV_NAMES)}; do
    __awsenv_look_at $__awsenv_name_
    [[ $__awsenv_reply == - ]] && continue
    __awsenv_was[$__awsenv_name_]=$__awsenv_reply __awsenv_ours[$__awsenv_name_]=-
    __awsenv_unset $__awsenv_name_
  done
  return 0
}

# Takes back what the last `use` changed, as far as it still is what `use` made it. $1: `tell` names what is not.
function __awsenv_take_back {
  local __awsenv_name_
  local -a __awsenv_kept
  __awsenv_publish_expiration -
  __awsenv_unset AWSENV_PROMPT
  (( $#__awsenv_ours )) || return 0
  for __awsenv_name_ in ${(ko)__awsenv_ours}; do
    __awsenv_look_at $__awsenv_name_
    if [[ $__awsenv_reply != "$__awsenv_ours[$__awsenv_name_]" ]]; then
      __awsenv_kept+=($__awsenv_name_)
      continue
    fi
    __awsenv_put_back $__awsenv_name_ "$__awsenv_was[$__awsenv_name_]"
  done
  __awsenv_put_back AWSENV_NAMES "$__awsenv_names_before"
  __awsenv_ours=() __awsenv_was=() __awsenv_names_before=
  [[ $1 == tell ]] && (( $#__awsenv_kept )) && __awsenv_say "changed since \`awsenv use\`, so left as it is: $__awsenv_kept"
  return 0
}

# Was another shell's `use` inherited: does AWSENV_NAMES name something that the prompt did not put there?
function __awsenv_is_inherited {
  [[ ${AWSENV_NAMES-} == 1\ *\ *:* && $AWSENV_NAMES != '1 - AWS_SESSION_EXPIRATION:*' ]]
}

# Which of the inherited variables are awsenv's, in __awsenv_unset_names.
function __awsenv_name_inherited {
  local __awsenv_code
  __awsenv_unset_names=()
  __awsenv_code="$("$__awsenv_bin" leave zsh 1 </dev/null)" || return
  \builtin eval "$__awsenv_code"
}

function __awsenv_drop {
  local __awsenv_name_
  for __awsenv_name_ in "$@"; do
    __awsenv_unset $__awsenv_name_
  done
}

function __awsenv_leave {
  \builtin emulate -L zsh -o extended_glob -o no_aliases -o no_xtrace
  local __awsenv_left=${AWSENV_PROFILE-}
  if (( ZSH_SUBSHELL )); then
    __awsenv_say 'leave has no effect in a subshell or pipeline: type it on its own'
    return 1
  elif (( $#__awsenv_ours )); then
    __awsenv_all_changeable ${(k)__awsenv_ours} || return 1
    __awsenv_take_back tell
  elif [[ -n $__awsenv_left ]] || __awsenv_is_inherited; then
    # What was there before is not known here.
    __awsenv_name_inherited || return
    __awsenv_all_changeable $__awsenv_unset_names || return 1
    __awsenv_drop $__awsenv_unset_names
    __awsenv_unset_names=()
    __awsenv_publish_expiration -
    __awsenv_unset AWSENV_PROMPT
    __awsenv_unset AWSENV_NAMES
  else
    __awsenv_say 'nothing to leave: `awsenv use` has changed nothing here'
  fi
  [[ -n $__awsenv_left ]] && __awsenv_previous=$__awsenv_left
  return 0
}

# --- Completion ----------------------------------------------------------------------------------------------------

# Commands and flags come from the script that the binary prints, fetched at the first TAB; profile names from the
# binary each time. Runs in the options of the completion system.
function __awsenv_complete_words {
  if (( ! __awsenv_completes )); then
    __awsenv_completes=1
    \builtin eval "$("$__awsenv_bin" completions zsh 2>/dev/null)"
    # The script has put its own function in our place.
    compdef __awsenv_complete awsenv
  fi
  local -a names
  local -i first
  local expl
  if (( CURRENT > 2 )) && [[ $words[CURRENT] != -* ]]; then
    case $words[2] in
      (use | refresh | login | status | logout | exec | export | console | credentials | setup)
        # The first word that is no flag and no flag's value is the profile.
        for (( first = 3; first < CURRENT; first++ )); do
          case $words[first] in
            (--region | --duration | --token | --service | --min | --format | --shell | --sso | --sso-region) first+=1 ;;
            (-*) ;;
            (*) break ;;
          esac
        done
        if (( first == CURRENT )); then
          names=("${(@f)$("$__awsenv_bin" names 2>/dev/null)}")
          _wanted profiles expl profile compadd -a names
          return
        elif [[ $words[2] == exec ]] && (( first < CURRENT )); then
          # Behind it stands another command line.
          [[ $words[first+1] == -- ]] && first+=1
          if (( first < CURRENT )); then
            shift $first words
            (( CURRENT -= first ))
            _normal
            return
          fi
        fi
        ;;
      (leave | off) return 1 ;;
    esac
  fi
  (( $+functions[_awsenv] )) && _awsenv "$@"
}

typeset -ga __awsenv_set_names __awsenv_set_values __awsenv_unset_names
typeset -gi __awsenv_completes=0 __awsenv_loaded=1
