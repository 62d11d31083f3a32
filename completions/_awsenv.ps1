Register-ArgumentCompleter -Native -CommandName 'awsenv' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'awsenv'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [System.Management.Automation.Language.StringConstantExpressionAst] -or
                $element.StringConstantType -ne [System.Management.Automation.Language.StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'awsenv' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('-V', '-V ', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print version')
            [System.Management.Automation.CompletionResult]::new('--version', '--version', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print version')
            [System.Management.Automation.CompletionResult]::new('use', 'use', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Switch this shell to a profile')
            [System.Management.Automation.CompletionResult]::new('leave', 'leave', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Take back what `use` changed in this shell')
            [System.Management.Automation.CompletionResult]::new('refresh', 'refresh', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Get a new session for a profile')
            [System.Management.Automation.CompletionResult]::new('logout', 'logout', [System.Management.Automation.CompletionResultType]::ParameterValue, 'End a profile''s session and remove its keys from this machine')
            [System.Management.Automation.CompletionResult]::new('status', 'status', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Show the profile in force: kind, state, end, account, region, proxy, conflicts')
            [System.Management.Automation.CompletionResult]::new('list', 'list', [System.Management.Automation.CompletionResultType]::ParameterValue, 'List all profiles with kind, state and time left')
            [System.Management.Automation.CompletionResult]::new('exec', 'exec', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Run a command with a profile''s session, signing in first if needed')
            [System.Management.Automation.CompletionResult]::new('console', 'console', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Open the AWS console in the browser')
            [System.Management.Automation.CompletionResult]::new('export', 'export', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Print a profile''s session for programs or shells')
            [System.Management.Automation.CompletionResult]::new('credentials', 'credentials', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Print a profile''s keys as `credential_process` JSON')
            [System.Management.Automation.CompletionResult]::new('mfa', 'mfa', [System.Management.Automation.CompletionResultType]::ParameterValue, 'What aws-mfa does: its flags, questions, lines and keys')
            [System.Management.Automation.CompletionResult]::new('prompt', 'prompt', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Print the prompt segment as plain text')
            [System.Management.Automation.CompletionResult]::new('sso', 'sso', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Accounts, roles and profiles of IAM Identity Center')
            [System.Management.Automation.CompletionResult]::new('iam', 'iam', [System.Management.Automation.CompletionResultType]::ParameterValue, 'IAM users: passwords, access keys, MFA devices, ending sessions')
            [System.Management.Automation.CompletionResult]::new('keyring', 'keyring', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Long-term keys and proxy passwords in the system''s keyring instead of a file')
            [System.Management.Automation.CompletionResult]::new('setup', 'setup', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Lead through everything a profile needs: keys, MFA device, proxy, hook, first session')
            [System.Management.Automation.CompletionResult]::new('doctor', 'doctor', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Find what is wrong, and say how to mend it')
            [System.Management.Automation.CompletionResult]::new('init', 'init', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Print the hook for a shell')
            [System.Management.Automation.CompletionResult]::new('off', 'off', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Take the hook out of this shell')
            [System.Management.Automation.CompletionResult]::new('completions', 'completions', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Print a shell''s completions')
            [System.Management.Automation.CompletionResult]::new('config', 'config', [System.Management.Automation.CompletionResultType]::ParameterValue, 'awsenv''s own settings file')
            break
        }
        'awsenv;use' {
            [System.Management.Automation.CompletionResult]::new('--region', '--region', [System.Management.Automation.CompletionResultType]::ParameterName, 'Export this region too; alone it keeps the profile')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;leave' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;refresh' {
            [System.Management.Automation.CompletionResult]::new('--token', '--token', [System.Management.Automation.CompletionResultType]::ParameterName, 'The one-time code')
            [System.Management.Automation.CompletionResult]::new('--duration', '--duration', [System.Management.Automation.CompletionResultType]::ParameterName, 'How long the session shall last: 12h, 90m, or seconds')
            [System.Management.Automation.CompletionResult]::new('--force', '--force', [System.Management.Automation.CompletionResultType]::ParameterName, 'A new session also where the present one is still good')
            [System.Management.Automation.CompletionResult]::new('--device-code', '--device-code', [System.Management.Automation.CompletionResultType]::ParameterName, 'For IAM Identity Center: show a link and a code instead of opening a browser')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;logout' {
            [System.Management.Automation.CompletionResult]::new('--all', '--all', [System.Management.Automation.CompletionResultType]::ParameterName, 'Every profile''s session')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;status' {
            [System.Management.Automation.CompletionResult]::new('--min', '--min', [System.Management.Automation.CompletionResultType]::ParameterName, 'Exit code 3 when less than this is left')
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;list' {
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;exec' {
            [System.Management.Automation.CompletionResult]::new('--renew', '--renew', [System.Management.Automation.CompletionResultType]::ParameterName, 'Give the command a profile whose keys renew, instead of keys')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;console' {
            [System.Management.Automation.CompletionResult]::new('--service', '--service', [System.Management.Automation.CompletionResultType]::ParameterName, 'The page of a service: such as s3, ec2, iam or cloudwatch')
            [System.Management.Automation.CompletionResult]::new('--print', '--print', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print the link instead of opening it; whoever has it is in')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;export' {
            [System.Management.Automation.CompletionResult]::new('--format', '--format', [System.Management.Automation.CompletionResultType]::ParameterName, 'The form of the lines')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'awsenv;credentials' {
            [System.Management.Automation.CompletionResult]::new('--no-ask', '--no-ask', [System.Management.Automation.CompletionResultType]::ParameterName, 'Never ask, not even on the terminal')
            [System.Management.Automation.CompletionResult]::new('--long-term', '--long-term', [System.Management.Automation.CompletionResultType]::ParameterName, 'The profile''s long-term key out of the system''s keyring, not a session')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;mfa' {
            [System.Management.Automation.CompletionResult]::new('--device', '--device', [System.Management.Automation.CompletionResultType]::ParameterName, 'The MFA device [else: MFA_DEVICE, aws_mfa_device in the long-term section]')
            [System.Management.Automation.CompletionResult]::new('--duration', '--duration', [System.Management.Automation.CompletionResultType]::ParameterName, 'How long the session shall last: seconds, or 12h [else: MFA_STS_DURATION, duration_seconds; 43200, for a role 3600]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'The profile [else: AWS_PROFILE, default]')
            [System.Management.Automation.CompletionResult]::new('--long-term-suffix', '--long-term-suffix', [System.Management.Automation.CompletionResultType]::ParameterName, 'The long-term keys are in [PROFILE-SUFFIX], or with `none` in [PROFILE] [else: MFA_LONG_TERM_SUFFIX, long-term]')
            [System.Management.Automation.CompletionResult]::new('--short-term-suffix', '--short-term-suffix', [System.Management.Automation.CompletionResultType]::ParameterName, 'The session goes to [PROFILE-SUFFIX] [else: MFA_SHORT_TERM_SUFFIX, none: to [PROFILE]]')
            [System.Management.Automation.CompletionResult]::new('--assume-role', '--assume-role', [System.Management.Automation.CompletionResultType]::ParameterName, 'A session of this role [else: MFA_ASSUME_ROLE, assume_role in the long-term section]')
            [System.Management.Automation.CompletionResult]::new('--role-session-name', '--role-session-name', [System.Management.Automation.CompletionResultType]::ParameterName, 'The role''s session is called this [else: who is logged in]')
            [System.Management.Automation.CompletionResult]::new('--external-id', '--external-id', [System.Management.Automation.CompletionResultType]::ParameterName, 'The external id that the role wants [else: external_id in the long-term section]')
            [System.Management.Automation.CompletionResult]::new('--log-level', '--log-level', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print nothing below this')
            [System.Management.Automation.CompletionResult]::new('--token', '--token', [System.Management.Automation.CompletionResultType]::ParameterName, 'The one-time code')
            [System.Management.Automation.CompletionResult]::new('--force', '--force', [System.Management.Automation.CompletionResultType]::ParameterName, 'A new session also where the present one is still good')
            [System.Management.Automation.CompletionResult]::new('--setup', '--setup', [System.Management.Automation.CompletionResultType]::ParameterName, 'Ask for long-term keys, and write them to [PROFILE-long-term]')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;prompt' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;sso' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('accounts', 'accounts', [System.Management.Automation.CompletionResultType]::ParameterValue, 'List the accounts that you may use')
            [System.Management.Automation.CompletionResult]::new('roles', 'roles', [System.Management.Automation.CompletionResultType]::ParameterValue, 'List the roles that you may use, in one account or in all')
            [System.Management.Automation.CompletionResult]::new('profiles', 'profiles', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Make a profile of each role that you may use; without --write only show them')
            break
        }
        'awsenv;sso;accounts' {
            [System.Management.Automation.CompletionResult]::new('--session', '--session', [System.Management.Automation.CompletionResultType]::ParameterName, 'The [sso-session NAME] [default: that of the profile in force, else the only one]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'The sign-in of this profile')
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;sso;roles' {
            [System.Management.Automation.CompletionResult]::new('--session', '--session', [System.Management.Automation.CompletionResultType]::ParameterName, 'The [sso-session NAME] [default: that of the profile in force, else the only one]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'The sign-in of this profile')
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;sso;profiles' {
            [System.Management.Automation.CompletionResult]::new('--template', '--template', [System.Management.Automation.CompletionResultType]::ParameterName, 'How they are named: `{account}`, `{account_id}`, `{role}` and what stands between them')
            [System.Management.Automation.CompletionResult]::new('--region', '--region', [System.Management.Automation.CompletionResultType]::ParameterName, 'The region that new profiles get [default: none]')
            [System.Management.Automation.CompletionResult]::new('--session', '--session', [System.Management.Automation.CompletionResultType]::ParameterName, 'The [sso-session NAME] [default: that of the profile in force, else the only one]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'The sign-in of this profile')
            [System.Management.Automation.CompletionResult]::new('--write', '--write', [System.Management.Automation.CompletionResultType]::ParameterName, 'Write them into the AWS config file, after showing the difference')
            [System.Management.Automation.CompletionResult]::new('--adopt', '--adopt', [System.Management.Automation.CompletionResultType]::ParameterName, 'Turn profiles that granted wrote into ones that need no granted, under the same names')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('show', 'show', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Show what a user has: password, MFA devices, access keys, ended sessions, and the account''s password policy')
            [System.Management.Automation.CompletionResult]::new('password', 'password', [System.Management.Automation.CompletionResultType]::ParameterValue, 'The password for the console')
            [System.Management.Automation.CompletionResult]::new('revoke', 'revoke', [System.Management.Automation.CompletionResultType]::ParameterValue, 'End the sessions of a user or role that were given out before now')
            [System.Management.Automation.CompletionResult]::new('keys', 'keys', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Access keys, the long-term ones')
            [System.Management.Automation.CompletionResult]::new('mfa', 'mfa', [System.Management.Automation.CompletionResultType]::ParameterValue, 'MFA devices')
            break
        }
        'awsenv;iam;show' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;password' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('create', 'create', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Give a user a password')
            [System.Management.Automation.CompletionResult]::new('set', 'set', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Give a user another password')
            [System.Management.Automation.CompletionResult]::new('change', 'change', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Change your own password: the old one and a new one (on stdin: a line each)')
            [System.Management.Automation.CompletionResult]::new('delete', 'delete', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Take a user''s password away; access keys and running sessions go on')
            break
        }
        'awsenv;iam;password;create' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--generate', '--generate', [System.Management.Automation.CompletionResultType]::ParameterName, 'Make one that fits the account''s policy, and print it alone on stdout')
            [System.Management.Automation.CompletionResult]::new('--reset', '--reset', [System.Management.Automation.CompletionResultType]::ParameterName, 'It must be changed at the next sign-in (the default)')
            [System.Management.Automation.CompletionResult]::new('--no-reset', '--no-reset', [System.Management.Automation.CompletionResultType]::ParameterName, 'It may stay')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;password;set' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--generate', '--generate', [System.Management.Automation.CompletionResultType]::ParameterName, 'Make one that fits the account''s policy, and print it alone on stdout')
            [System.Management.Automation.CompletionResult]::new('--reset', '--reset', [System.Management.Automation.CompletionResultType]::ParameterName, 'It must be changed at the next sign-in (the default)')
            [System.Management.Automation.CompletionResult]::new('--no-reset', '--no-reset', [System.Management.Automation.CompletionResultType]::ParameterName, 'It may stay')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;password;change' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;password;delete' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;revoke' {
            [System.Management.Automation.CompletionResult]::new('--user', '--user', [System.Management.Automation.CompletionResultType]::ParameterName, 'This user''s [default: the caller''s own]')
            [System.Management.Automation.CompletionResult]::new('--role', '--role', [System.Management.Automation.CompletionResultType]::ParameterName, 'This role''s: a name, or an ARN')
            [System.Management.Automation.CompletionResult]::new('--before', '--before', [System.Management.Automation.CompletionResultType]::ParameterName, 'Those given out before this time [default: now]: `2026-01-02 15:00` (local), RFC 3339, or 2h (ago)')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--show', '--show', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print the policy that ends sessions, as it is now')
            [System.Management.Automation.CompletionResult]::new('--undo', '--undo', [System.Management.Automation.CompletionResultType]::ParameterName, 'Take that policy away: sessions that it ended and that are not over work again')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;keys' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('list', 'list', [System.Management.Automation.CompletionResultType]::ParameterValue, 'List a user''s access keys with age and last use')
            [System.Management.Automation.CompletionResult]::new('rotate', 'rotate', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Make a new key, put it wherever the old one stands in the AWS files, and disable the old one')
            [System.Management.Automation.CompletionResult]::new('disable', 'disable', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Make a key useless, until it is enabled again in the console')
            [System.Management.Automation.CompletionResult]::new('delete', 'delete', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Delete a key for good')
            break
        }
        'awsenv;iam;keys;list' {
            [System.Management.Automation.CompletionResult]::new('--user', '--user', [System.Management.Automation.CompletionResultType]::ParameterName, 'This user''s [default: the caller''s]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;keys;rotate' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;keys;disable' {
            [System.Management.Automation.CompletionResult]::new('--user', '--user', [System.Management.Automation.CompletionResultType]::ParameterName, 'This user''s [default: the caller''s]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;keys;delete' {
            [System.Management.Automation.CompletionResult]::new('--user', '--user', [System.Management.Automation.CompletionResultType]::ParameterName, 'This user''s [default: the caller''s]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;mfa' {
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('list', 'list', [System.Management.Automation.CompletionResultType]::ParameterValue, 'List a user''s MFA devices')
            [System.Management.Automation.CompletionResult]::new('enable', 'enable', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Enrol an authenticator app: a QR code, then two codes')
            [System.Management.Automation.CompletionResult]::new('disable', 'disable', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Take an MFA device from a user')
            break
        }
        'awsenv;iam;mfa;list' {
            [System.Management.Automation.CompletionResult]::new('--user', '--user', [System.Management.Automation.CompletionResultType]::ParameterName, 'This user''s [default: the caller''s]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;mfa;enable' {
            [System.Management.Automation.CompletionResult]::new('--name', '--name', [System.Management.Automation.CompletionResultType]::ParameterName, 'The device''s name [default: the user''s name]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--text', '--text', [System.Management.Automation.CompletionResultType]::ParameterName, 'Show the secret as text, too, to be typed into an app')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;iam;mfa;disable' {
            [System.Management.Automation.CompletionResult]::new('--user', '--user', [System.Management.Automation.CompletionResultType]::ParameterName, 'This user''s [default: the caller''s]')
            [System.Management.Automation.CompletionResult]::new('--profile', '--profile', [System.Management.Automation.CompletionResultType]::ParameterName, 'Whose keys sign the calls [default: the profile in force]')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;keyring' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('store', 'store', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Move a profile''s long-term key, or a proxy''s password, from its file into the keyring; where the file has none, ask')
            [System.Management.Automation.CompletionResult]::new('restore', 'restore', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Move it back into the file, in plain text')
            break
        }
        'awsenv;keyring;store' {
            [System.Management.Automation.CompletionResult]::new('--proxy', '--proxy', [System.Management.Automation.CompletionResultType]::ParameterName, 'The password of [proxy NAME] in the settings')
            [System.Management.Automation.CompletionResult]::new('--from-env', '--from-env', [System.Management.Automation.CompletionResultType]::ParameterName, 'Take it from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a proxy from the address in HTTPS_PROXY')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;keyring;restore' {
            [System.Management.Automation.CompletionResult]::new('--proxy', '--proxy', [System.Management.Automation.CompletionResultType]::ParameterName, 'The password of [proxy NAME] in the settings')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not ask')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;setup' {
            [System.Management.Automation.CompletionResult]::new('--shell', '--shell', [System.Management.Automation.CompletionResultType]::ParameterName, 'Alone: only add the hook to this shell''s start file; with PROFILE: the shell to add it to')
            [System.Management.Automation.CompletionResult]::new('--sso', '--sso', [System.Management.Automation.CompletionResultType]::ParameterName, 'Sign in at this start URL of IAM Identity Center and write a profile of a role there')
            [System.Management.Automation.CompletionResult]::new('--sso-region', '--sso-region', [System.Management.Automation.CompletionResultType]::ParameterName, 'The region of the start URL, as its portal shows it beside an account''s access keys')
            [System.Management.Automation.CompletionResult]::new('--yes', '--yes', [System.Management.Automation.CompletionResultType]::ParameterName, 'Write what is shown without asking; what else is to be chosen is asked all the same')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'awsenv;doctor' {
            [System.Management.Automation.CompletionResult]::new('--json', '--json', [System.Management.Automation.CompletionResultType]::ParameterName, 'For programs')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;init' {
            [System.Management.Automation.CompletionResult]::new('--use', '--use', [System.Management.Automation.CompletionResultType]::ParameterName, 'Switch to this profile when the shell starts with none')
            [System.Management.Automation.CompletionResult]::new('--no-prompt', '--no-prompt', [System.Management.Automation.CompletionResultType]::ParameterName, 'Leave the prompt alone (AWSENV_PROMPT is still published)')
            [System.Management.Automation.CompletionResult]::new('--no-guard', '--no-guard', [System.Management.Automation.CompletionResultType]::ParameterName, 'Do not watch commands')
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'awsenv;off' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'awsenv;completions' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'awsenv;config' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('path', 'path', [System.Management.Automation.CompletionResultType]::ParameterValue, 'Print where the settings file is')
            break
        }
        'awsenv;config;path' {
            [System.Management.Automation.CompletionResult]::new('-h', '-h', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            [System.Management.Automation.CompletionResult]::new('--help', '--help', [System.Management.Automation.CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where({ $_.CompletionText -like "$wordToComplete*" }) |
        Sort-Object -Property ListItemText
}
