# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_awsenv_global_optspecs
    string join \n h/help V/version
end

function __fish_awsenv_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_awsenv_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_awsenv_using_subcommand
    set -l cmd (__fish_awsenv_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c awsenv -n "__fish_awsenv_needs_command" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_needs_command" -s V -l version -d 'Print version'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "use" -d 'Switch this shell to a profile'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "leave" -d 'Take back what `use` changed in this shell'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "refresh" -d 'Get a new session for a profile'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "logout" -d 'End a profile\'s session and remove its keys from this machine'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "status" -d 'Show the profile in force: kind, state, end, account, region, proxy, conflicts'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "list" -d 'List all profiles with kind, state and time left'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "exec" -d 'Run a command with a profile\'s session, signing in first if needed'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "console" -d 'Open the AWS console in the browser'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "export" -d 'Print a profile\'s session for programs or shells'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "credentials" -d 'Print a profile\'s keys as `credential_process` JSON'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "mfa" -d 'What aws-mfa does: its flags, questions, lines and keys'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "prompt" -d 'Print the prompt segment as plain text'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "sso" -d 'Accounts, roles and profiles of IAM Identity Center'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "iam" -d 'IAM users: passwords, access keys, MFA devices, ending sessions'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "keyring" -d 'Long-term keys and proxy passwords in the system\'s keyring instead of a file'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "setup" -d 'Lead through everything a profile needs: keys, MFA device, proxy, hook, first session'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "doctor" -d 'Find what is wrong, and say how to mend it'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "init" -d 'Print the hook for a shell'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "off" -d 'Take the hook out of this shell'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "completions" -d 'Print a shell\'s completions'
complete -c awsenv -n "__fish_awsenv_needs_command" -f -a "config" -d 'awsenv\'s own settings file'
complete -c awsenv -n "__fish_awsenv_using_subcommand use" -l region -d 'Export this region too; alone it keeps the profile' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand use" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand leave" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand refresh" -l token -d 'The one-time code' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand refresh" -l duration -d 'How long the session shall last: 12h, 90m, or seconds' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand refresh" -l force -d 'A new session also where the present one is still good'
complete -c awsenv -n "__fish_awsenv_using_subcommand refresh" -l device-code -d 'For IAM Identity Center: show a link and a code instead of opening a browser'
complete -c awsenv -n "__fish_awsenv_using_subcommand refresh" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand logout" -l all -d 'Every profile\'s session'
complete -c awsenv -n "__fish_awsenv_using_subcommand logout" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand status" -l min -d 'Exit code 3 when less than this is left' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand status" -l json -d 'For programs'
complete -c awsenv -n "__fish_awsenv_using_subcommand status" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand list" -l json -d 'For programs'
complete -c awsenv -n "__fish_awsenv_using_subcommand list" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand exec" -l renew -d 'Give the command a profile whose keys renew, instead of keys'
complete -c awsenv -n "__fish_awsenv_using_subcommand exec" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand console" -l service -d 'The page of a service: such as s3, ec2, iam or cloudwatch' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand console" -l print -d 'Print the link instead of opening it; whoever has it is in'
complete -c awsenv -n "__fish_awsenv_using_subcommand console" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand export" -l format -d 'The form of the lines' -r -f -a "env\t'`NAME=value` as it is, for docker\'s `--env-file`'
bash\t''
zsh\t''
fish\t''
powershell\t''
nushell\t'A record: `awsenv export dev --format nushell | from nuon | load-env`'
cmd\t'Lines for the for /f of cmd'"
complete -c awsenv -n "__fish_awsenv_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c awsenv -n "__fish_awsenv_using_subcommand credentials" -l no-ask -d 'Never ask, not even on the terminal'
complete -c awsenv -n "__fish_awsenv_using_subcommand credentials" -l long-term -d 'The profile\'s long-term key out of the system\'s keyring, not a session'
complete -c awsenv -n "__fish_awsenv_using_subcommand credentials" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l device -d 'The MFA device [else: MFA_DEVICE, aws_mfa_device in the long-term section]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l duration -d 'How long the session shall last: seconds, or 12h [else: MFA_STS_DURATION, duration_seconds; 43200, for a role 3600]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l profile -d 'The profile [else: AWS_PROFILE, default]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l long-term-suffix -d 'The long-term keys are in [PROFILE-SUFFIX], or with `none` in [PROFILE] [else: MFA_LONG_TERM_SUFFIX, long-term]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l short-term-suffix -d 'The session goes to [PROFILE-SUFFIX] [else: MFA_SHORT_TERM_SUFFIX, none: to [PROFILE]]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l assume-role -d 'A session of this role [else: MFA_ASSUME_ROLE, assume_role in the long-term section]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l role-session-name -d 'The role\'s session is called this [else: who is logged in]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l external-id -d 'The external id that the role wants [else: external_id in the long-term section]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l log-level -d 'Print nothing below this' -r -f -a "CRITICAL\t''
ERROR\t''
WARNING\t''
INFO\t''
DEBUG\t''
NOTSET\t''"
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l token -d 'The one-time code' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l force -d 'A new session also where the present one is still good'
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -l setup -d 'Ask for long-term keys, and write them to [PROFILE-long-term]'
complete -c awsenv -n "__fish_awsenv_using_subcommand mfa" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand prompt" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and not __fish_seen_subcommand_from accounts roles profiles" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and not __fish_seen_subcommand_from accounts roles profiles" -f -a "accounts" -d 'List the accounts that you may use'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and not __fish_seen_subcommand_from accounts roles profiles" -f -a "roles" -d 'List the roles that you may use, in one account or in all'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and not __fish_seen_subcommand_from accounts roles profiles" -f -a "profiles" -d 'Make a profile of each role that you may use; without --write only show them'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from accounts" -l session -d 'The [sso-session NAME] [default: that of the profile in force, else the only one]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from accounts" -l profile -d 'The sign-in of this profile' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from accounts" -l json -d 'For programs'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from accounts" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from roles" -l session -d 'The [sso-session NAME] [default: that of the profile in force, else the only one]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from roles" -l profile -d 'The sign-in of this profile' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from roles" -l json -d 'For programs'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from roles" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l template -d 'How they are named: `{account}`, `{account_id}`, `{role}` and what stands between them' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l region -d 'The region that new profiles get [default: none]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l session -d 'The [sso-session NAME] [default: that of the profile in force, else the only one]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l profile -d 'The sign-in of this profile' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l write -d 'Write them into the AWS config file, after showing the difference'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l adopt -d 'Turn profiles that granted wrote into ones that need no granted, under the same names'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -l yes -d 'Do not ask'
complete -c awsenv -n "__fish_awsenv_using_subcommand sso; and __fish_seen_subcommand_from profiles" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -l profile -d 'Whose keys sign the calls [default: the profile in force]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -f -a "show" -d 'Show what a user has: password, MFA devices, access keys, ended sessions, and the account\'s password policy'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -f -a "password" -d 'The password for the console'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -f -a "revoke" -d 'End the sessions of a user or role that were given out before now'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -f -a "keys" -d 'Access keys, the long-term ones'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and not __fish_seen_subcommand_from show password revoke keys mfa" -f -a "mfa" -d 'MFA devices'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from show" -l profile -d 'Whose keys sign the calls [default: the profile in force]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from show" -l json -d 'For programs'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from password" -l profile -d 'Whose keys sign the calls [default: the profile in force]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from password" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from password" -f -a "create" -d 'Give a user a password'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from password" -f -a "set" -d 'Give a user another password'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from password" -f -a "change" -d 'Change your own password: the old one and a new one (on stdin: a line each)'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from password" -f -a "delete" -d 'Take a user\'s password away; access keys and running sessions go on'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l user -d 'This user\'s [default: the caller\'s own]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l role -d 'This role\'s: a name, or an ARN' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l before -d 'Those given out before this time [default: now]: `2026-01-02 15:00` (local), RFC 3339, or 2h (ago)' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l profile -d 'Whose keys sign the calls [default: the profile in force]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l show -d 'Print the policy that ends sessions, as it is now'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l undo -d 'Take that policy away: sessions that it ended and that are not over work again'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -l yes -d 'Do not ask'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from keys" -l profile -d 'Whose keys sign the calls [default: the profile in force]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from keys" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List a user\'s access keys with age and last use'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from keys" -f -a "rotate" -d 'Make a new key, put it wherever the old one stands in the AWS files, and disable the old one'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from keys" -f -a "disable" -d 'Make a key useless, until it is enabled again in the console'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from keys" -f -a "delete" -d 'Delete a key for good'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from mfa" -l profile -d 'Whose keys sign the calls [default: the profile in force]' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from mfa" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from mfa" -f -a "list" -d 'List a user\'s MFA devices'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from mfa" -f -a "enable" -d 'Enrol an authenticator app: a QR code, then two codes'
complete -c awsenv -n "__fish_awsenv_using_subcommand iam; and __fish_seen_subcommand_from mfa" -f -a "disable" -d 'Take an MFA device from a user'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and not __fish_seen_subcommand_from store restore" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and not __fish_seen_subcommand_from store restore" -f -a "store" -d 'Move a profile\'s long-term key, or a proxy\'s password, from its file into the keyring; where the file has none, ask'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and not __fish_seen_subcommand_from store restore" -f -a "restore" -d 'Move it back into the file, in plain text'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from store" -l proxy -d 'The password of [proxy NAME] in the settings' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from store" -l from-env -d 'Take it from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a proxy from the address in HTTPS_PROXY'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from store" -l yes -d 'Do not ask'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from store" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from restore" -l proxy -d 'The password of [proxy NAME] in the settings' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from restore" -l yes -d 'Do not ask'
complete -c awsenv -n "__fish_awsenv_using_subcommand keyring; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand setup" -l shell -d 'Alone: only add the hook to this shell\'s start file; with PROFILE: the shell to add it to' -r -f -a "bash\t''
zsh\t''
fish\t''
powershell\t'5.1 and 7'
nushell\t''
cmd\t'cmd.exe on its own'
clink\t'cmd.exe with Clink, whose scripts are Lua'"
complete -c awsenv -n "__fish_awsenv_using_subcommand setup" -l sso -d 'Sign in at this start URL of IAM Identity Center and write a profile of a role there' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand setup" -l sso-region -d 'The region of the start URL, as its portal shows it beside an account\'s access keys' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand setup" -l yes -d 'Write what is shown without asking; what else is to be chosen is asked all the same'
complete -c awsenv -n "__fish_awsenv_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c awsenv -n "__fish_awsenv_using_subcommand doctor" -l json -d 'For programs'
complete -c awsenv -n "__fish_awsenv_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand init" -l use -d 'Switch to this profile when the shell starts with none' -r
complete -c awsenv -n "__fish_awsenv_using_subcommand init" -l no-prompt -d 'Leave the prompt alone (AWSENV_PROMPT is still published)'
complete -c awsenv -n "__fish_awsenv_using_subcommand init" -l no-guard -d 'Do not watch commands'
complete -c awsenv -n "__fish_awsenv_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c awsenv -n "__fish_awsenv_using_subcommand off" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c awsenv -n "__fish_awsenv_using_subcommand config; and not __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c awsenv -n "__fish_awsenv_using_subcommand config; and not __fish_seen_subcommand_from path" -f -a "path" -d 'Print where the settings file is'
complete -c awsenv -n "__fish_awsenv_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
