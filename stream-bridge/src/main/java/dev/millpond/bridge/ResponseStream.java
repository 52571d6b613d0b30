package dev.millpond.bridge;

/** One connection as blocking code sees it. */
public final class ResponseStream {}
