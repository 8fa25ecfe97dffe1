#!/bin/sh
# Stands in for cargo: runs what the test wrote beside the tree's Cargo.toml. A file of its
# own, because a program that was written a moment ago may be busy ("text file busy").
REPORT="$THREADBARE_REPORT"
. ./cargo.script
