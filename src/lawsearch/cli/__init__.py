"""The command line: parse options, call one function below, choose an output, return an exit code."""
