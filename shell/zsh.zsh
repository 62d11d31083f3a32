# awsenv for zsh.
