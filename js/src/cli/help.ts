/** What `--help` prints. */
export const HELP: string = `Finds injections, leaks and personal data in text, and tells what policies say about agents.

Usage:
  scanner scan <path>… | -       say what is found in files and directories; - reads standard input
  scanner redact [<file> | -]    print the text with personal data and secrets replaced
  scanner policy lint <path>…    tell what is wrong or suspicious in policies and test files
  scanner policy test <path>…    run the cases of x.test.yaml against x.yaml
  scanner policy explain <path>… --action <tool> | --text <text>
                                 say what follows, and what each rule has to do with it
  scanner policy diff <old> <new> --cases <path>,<path>
                                 tell which cases come out differently under other policies
  A path of a policy is a file, or a directory with all its .yaml and .yml files. Of a directory to
  scan all files are, also in those below, but for links, hidden ones, node_modules and binaries.

Options of scan:
  --direction input | output     whether the text goes into a model (default) or comes out of one
  --format text | json | sarif   how the report looks (default text)
  --no-text                      leave out the lines in which something was found

Options of redact:
  --style redacted | typed | mask | hash | remove
  --patterns <id>,<id>           only these patterns; * stands for anything

Options of the policy commands:
  --format text | json           how the report looks (default text)
  --strict                       lint: fail at warnings, too
  --params <json>                explain: the arguments of the tool, an object
  --agent <id>, --tags <a>,<b>, --session <id>
                                 explain: who acts
  --direction input | output     explain: which way the text goes (default input)
  --cases <path>,<path>          diff: test files, whose own \`policies:\` are not used

  --help                         print this
  --version                      print the version

Exit code: 0 nothing is blocked, 1 something is, 2 the command could not do its work.
Of the policy commands: 0 all is well, 1 errors (lint), failed cases (test) or changes (diff), 2 the
command could not do its work; explain has no 1.
`;
