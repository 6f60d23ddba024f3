/** What `--help` prints. */
export const HELP: string = `Finds injections, leaks and personal data in text.

Usage:
  scanner scan <file>… | -       say what is found; - reads standard input
  scanner redact [<file> | -]    print the text with personal data and secrets replaced

Options of scan:
  --direction input | output     whether the text goes into a model (default) or comes out of one
  --format text | json           how the report looks (default text)
  --no-text                      leave out the lines in which something was found

Options of redact:
  --style redacted | typed | mask | hash | remove
  --patterns <id>,<id>           only these patterns; * stands for anything

  --help                         print this
  --version                      print the version

Exit code: 0 nothing is blocked, 1 something is, 2 the command could not do its work.
`;
