package dev.millpond.it.consumer;

/** What goes over the wire as JSON. */
record Thing(String name, int count) {}
