# For a nushell without awsenv's hook, which completes by itself: beside it these would hide `awsenv use`.

module completions {

  # Switch AWS profiles in your shell, see the session time left, be asked for the MFA code when it is over
  export extern awsenv [
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  # Switch this shell to a profile
  export extern "awsenv use" [
    --region: string          # Export this region too; alone it keeps the profile
    --help(-h)                # Print help
    profile?: string          # A profile's name, or `-` for the one before; without one you pick
    code?: string             # The one-time code, when the session is over
  ]

  # Take back what `use` changed in this shell
  export extern "awsenv leave" [
    --help(-h)                # Print help
  ]

  # Get a new session for a profile
  export extern "awsenv refresh" [
    --token: string           # The one-time code
    --duration: string        # How long the session shall last: 12h, 90m, or seconds
    --force                   # A new session also where the present one is still good
    --device-code             # For IAM Identity Center: show a link and a code instead of opening a browser
    --help(-h)                # Print help
    profile?: string          # A profile's name [default: the profile in force]
    code?: string             # The one-time code
  ]

  # End a profile's session and remove its keys from this machine
  export extern "awsenv logout" [
    --all                     # Every profile's session
    --help(-h)                # Print help
    profile?: string          # A profile's name [default: the profile in force]
  ]

  # Show the profile in force: kind, state, end, account, region, proxy, conflicts
  export extern "awsenv status" [
    --json                    # For programs
    --min: string             # Exit code 3 when less than this is left
    --help(-h)                # Print help
    profile?: string          # A profile's name [default: the profile in force]
  ]

  # List all profiles with kind, state and time left
  export extern "awsenv list" [
    --json                    # For programs
    --help(-h)                # Print help
  ]

  # Run a command with a profile's session, signing in first if needed
  export extern "awsenv exec" [
    --renew                   # Give the command a profile whose keys renew, instead of keys
    --help(-h)                # Print help
    profile: string           # A profile's name
    ...command: string        # The command [default: your shell]
  ]

  # Open the AWS console in the browser
  export extern "awsenv console" [
    --service: string         # The page of a service: such as s3, ec2, iam or cloudwatch
    --print                   # Print the link instead of opening it; whoever has it is in
    --help(-h)                # Print help
    profile?: string          # A profile's name [default: the profile in force]
  ]

  def "nu-complete awsenv export format" [] {
    [ "env" "bash" "zsh" "fish" "powershell" "nushell" "cmd" ]
  }

  # Print a profile's session for programs or shells
  export extern "awsenv export" [
    --format: string@"nu-complete awsenv export format" # The form of the lines
    --help(-h)                # Print help (see more with '--help')
    profile?: string          # A profile's name [default: the profile in force]
  ]

  # Print a profile's keys as `credential_process` JSON
  export extern "awsenv credentials" [
    --no-ask                  # Never ask, not even on the terminal
    --long-term               # The profile's long-term key out of the system's keyring, not a session
    --help(-h)                # Print help
    profile: string           # A profile's name
  ]

  def "nu-complete awsenv mfa log_level" [] {
    [ "CRITICAL" "ERROR" "WARNING" "INFO" "DEBUG" "NOTSET" ]
  }

  # What aws-mfa does: its flags, questions, lines and keys
  export extern "awsenv mfa" [
    --device: string          # The MFA device [else: MFA_DEVICE, aws_mfa_device in the long-term section]
    --duration: string        # How long the session shall last: seconds, or 12h [else: MFA_STS_DURATION, duration_seconds; 43200, for a role 3600]
    --profile: string         # The profile [else: AWS_PROFILE, default]
    --long-term-suffix: string # The long-term keys are in [PROFILE-SUFFIX], or with `none` in [PROFILE] [else: MFA_LONG_TERM_SUFFIX, long-term]
    --short-term-suffix: string # The session goes to [PROFILE-SUFFIX] [else: MFA_SHORT_TERM_SUFFIX, none: to [PROFILE]]
    --assume-role: string     # A session of this role [else: MFA_ASSUME_ROLE, assume_role in the long-term section]
    --role-session-name: string # The role's session is called this [else: who is logged in]
    --external-id: string     # The external id that the role wants [else: external_id in the long-term section]
    --force                   # A new session also where the present one is still good
    --log-level: string@"nu-complete awsenv mfa log_level" # Print nothing below this
    --setup                   # Ask for long-term keys, and write them to [PROFILE-long-term]
    --token: string           # The one-time code
    --help(-h)                # Print help
  ]

  # Print the prompt segment as plain text
  export extern "awsenv prompt" [
    --help(-h)                # Print help
  ]

  # Accounts, roles and profiles of IAM Identity Center
  export extern "awsenv sso" [
    --help(-h)                # Print help
  ]

  # List the accounts that you may use
  export extern "awsenv sso accounts" [
    --session: string         # The [sso-session NAME] [default: that of the profile in force, else the only one]
    --profile: string         # The sign-in of this profile
    --json                    # For programs
    --help(-h)                # Print help
  ]

  # List the roles that you may use, in one account or in all
  export extern "awsenv sso roles" [
    --session: string         # The [sso-session NAME] [default: that of the profile in force, else the only one]
    --profile: string         # The sign-in of this profile
    --json                    # For programs
    --help(-h)                # Print help
    account?: string          # An account's number or name [default: all accounts]
  ]

  # Make a profile of each role that you may use; without --write only show them
  export extern "awsenv sso profiles" [
    --write                   # Write them into the AWS config file, after showing the difference
    --template: string        # How they are named: `{account}`, `{account_id}`, `{role}` and what stands between them
    --region: string          # The region that new profiles get [default: none]
    --adopt                   # Turn profiles that granted wrote into ones that need no granted, under the same names
    --session: string         # The [sso-session NAME] [default: that of the profile in force, else the only one]
    --profile: string         # The sign-in of this profile
    --yes                     # Do not ask
    --help(-h)                # Print help
  ]

  # IAM users: passwords, access keys, MFA devices, ending sessions
  export extern "awsenv iam" [
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Show what a user has: password, MFA devices, access keys, ended sessions, and the account's password policy
  export extern "awsenv iam show" [
    --json                    # For programs
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    user?: string             # A user's name [default: the caller]
  ]

  # The password for the console
  export extern "awsenv iam password" [
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Give a user a password
  export extern "awsenv iam password create" [
    --generate                # Make one that fits the account's policy, and print it alone on stdout
    --reset                   # It must be changed at the next sign-in (the default)
    --no-reset                # It may stay
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    user: string              # The user's name
  ]

  # Give a user another password
  export extern "awsenv iam password set" [
    --generate                # Make one that fits the account's policy, and print it alone on stdout
    --reset                   # It must be changed at the next sign-in (the default)
    --no-reset                # It may stay
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    user: string              # The user's name
  ]

  # Change your own password: the old one and a new one (on stdin: a line each)
  export extern "awsenv iam password change" [
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Take a user's password away; access keys and running sessions go on
  export extern "awsenv iam password delete" [
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    user: string              # The user's name
  ]

  # End the sessions of a user or role that were given out before now
  export extern "awsenv iam revoke" [
    --user: string            # This user's [default: the caller's own]
    --role: string            # This role's: a name, or an ARN
    --before: string          # Those given out before this time [default: now]: `2026-01-02 15:00` (local), RFC 3339, or 2h (ago)
    --show                    # Print the policy that ends sessions, as it is now
    --undo                    # Take that policy away: sessions that it ended and that are not over work again
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Access keys, the long-term ones
  export extern "awsenv iam keys" [
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # List a user's access keys with age and last use
  export extern "awsenv iam keys list" [
    --user: string            # This user's [default: the caller's]
    --json                    # For programs
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Make a new key, put it wherever the old one stands in the AWS files, and disable the old one
  export extern "awsenv iam keys rotate" [
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Make a key useless, until it is enabled again in the console
  export extern "awsenv iam keys disable" [
    --user: string            # This user's [default: the caller's]
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    key_id?: string           # The key's id [default: the only one that stands in no AWS file]
  ]

  # Delete a key for good
  export extern "awsenv iam keys delete" [
    --user: string            # This user's [default: the caller's]
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    key_id?: string           # The key's id [default: the only one that stands in no AWS file]
  ]

  # MFA devices
  export extern "awsenv iam mfa" [
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # List a user's MFA devices
  export extern "awsenv iam mfa list" [
    --user: string            # This user's [default: the caller's]
    --json                    # For programs
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Enrol an authenticator app: a QR code, then two codes
  export extern "awsenv iam mfa enable" [
    --name: string            # The device's name [default: the user's name]
    --text                    # Show the secret as text, too, to be typed into an app
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
  ]

  # Take an MFA device from a user
  export extern "awsenv iam mfa disable" [
    --user: string            # This user's [default: the caller's]
    --yes                     # Do not ask
    --profile: string         # Whose keys sign the calls [default: the profile in force]
    --help(-h)                # Print help
    serial?: string           # The device's serial number (ARN) [default: the only one]
  ]

  # Long-term keys and proxy passwords in the system's keyring instead of a file
  export extern "awsenv keyring" [
    --help(-h)                # Print help
  ]

  # Move a profile's long-term key, or a proxy's password, from its file into the keyring; where the file has none, ask
  export extern "awsenv keyring store" [
    --proxy: string           # The password of [proxy NAME] in the settings
    --from-env                # Take it from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a proxy from the address in HTTPS_PROXY
    --yes                     # Do not ask
    --help(-h)                # Print help
    profile?: string          # A profile's name
  ]

  # Move it back into the file, in plain text
  export extern "awsenv keyring restore" [
    --proxy: string           # The password of [proxy NAME] in the settings
    --yes                     # Do not ask
    --help(-h)                # Print help
    profile?: string          # A profile's name
  ]

  def "nu-complete awsenv setup shell" [] {
    [ "bash" "zsh" "fish" "powershell" "nushell" "cmd" "clink" ]
  }

  # Lead through everything a profile needs: keys, MFA device, proxy, hook, first session
  export extern "awsenv setup" [
    --shell: string@"nu-complete awsenv setup shell" # Alone: only add the hook to this shell's start file; with PROFILE: the shell to add it to
    --sso: string             # Sign in at this start URL of IAM Identity Center and write a profile of a role there
    --sso-region: string      # The region of the start URL, as its portal shows it beside an account's access keys
    --yes                     # Write what is shown without asking; what else is to be chosen is asked all the same
    --help(-h)                # Print help (see more with '--help')
    profile?: string          # The profile's name, new or there already; without one you are asked [with --sso: account and role]
  ]

  # Find what is wrong, and say how to mend it
  export extern "awsenv doctor" [
    --json                    # For programs
    --help(-h)                # Print help
  ]

  def "nu-complete awsenv init shell" [] {
    [ "bash" "zsh" "fish" "powershell" "nushell" "cmd" "clink" ]
  }

  # Print the hook for a shell
  export extern "awsenv init" [
    --no-prompt               # Leave the prompt alone (AWSENV_PROMPT is still published)
    --no-guard                # Do not watch commands
    --use: string             # Switch to this profile when the shell starts with none
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete awsenv init shell"
  ]

  # Take the hook out of this shell
  export extern "awsenv off" [
    --help(-h)                # Print help
  ]

  def "nu-complete awsenv completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "nushell" "cmd" "clink" ]
  }

  # Print a shell's completions
  export extern "awsenv completions" [
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete awsenv completions shell"
  ]

  # awsenv's own settings file
  export extern "awsenv config" [
    --help(-h)                # Print help
  ]

  # Print where the settings file is
  export extern "awsenv config path" [
    --help(-h)                # Print help
  ]

}

export use completions *
