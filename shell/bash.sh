# awsenv for bash.
