# awsenv for fish.
