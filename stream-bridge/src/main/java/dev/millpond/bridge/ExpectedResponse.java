package dev.millpond.bridge;

/** A response that was asked for: to what, within which limits, and for whom. */
record ExpectedResponse(String method, ResponseLimits limits, long startedAt, ResponseListener listener) {}
