"""The parts of the responder: session, conversation, input buffer and answers, as the server holds them."""
