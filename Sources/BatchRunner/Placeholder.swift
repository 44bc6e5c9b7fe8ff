/// Where the runner is built.
enum Placeholder {}
