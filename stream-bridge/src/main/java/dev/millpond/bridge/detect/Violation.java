package dev.millpond.bridge.detect;

/** A rule that a malformed response breaks. */
public enum Violation {
    PLACEHOLDER("placeholder");

    private final String rule;

    Violation(String rule) {
        this.rule = rule;
    }

    /** The rule in words: short, lower case, with what was expected. */
    public String rule() {
        return rule;
    }
}
