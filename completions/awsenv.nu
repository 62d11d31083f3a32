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

  def "nu-complete awsenv setup shell" [] {
    [ "bash" "zsh" "fish" "powershell" "nushell" "cmd" "clink" ]
  }

  # Set up a profile, or a shell's start file
  export extern "awsenv setup" [
    --shell: string@"nu-complete awsenv setup shell" # Add the hook to this shell's start file, after showing the line
    --sso: string             # Sign in at this start URL of IAM Identity Center and write a profile of a role there
    --sso-region: string      # The region of the start URL, as its portal shows it beside an account's access keys
    --yes                     # Do not ask
    --help(-h)                # Print help (see more with '--help')
    profile?: string          # With --sso: the new profile's name [default: account and role]
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
