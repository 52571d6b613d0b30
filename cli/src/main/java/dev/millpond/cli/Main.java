package dev.millpond.cli;

final class Main {
    private Main() {}

    public static void main(String[] args) {}
}
