package dev.millpond.cli;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Failures in one line. */
final class Failures {

    private Failures() {}

    static Throwable unwrapped(Throwable failure) {
        boolean wrapper = failure instanceof ExecutionException || failure instanceof CompletionException;
        Throwable cause = failure.getCause();
        return wrapper && cause != null ? cause : failure;
    }

    static String reason(Throwable failure) {
        Throwable real = unwrapped(failure);
        String kind = real.getClass().getSimpleName();
        String message = real.getMessage();
        return message == null || message.isBlank() ? kind : kind + ": " + message.replaceAll("\\s+", " ");
    }
}
