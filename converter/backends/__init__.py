"""Plans -> native text, on pySigma's backends: one subclass a language, where the stock one is wrong."""
