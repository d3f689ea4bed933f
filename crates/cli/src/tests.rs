//! The commands as a whole.

use clap::CommandFactory as _;

use super::Arguments;

#[test]
fn every_command_is_sound() {
    Arguments::command().debug_assert();
}
