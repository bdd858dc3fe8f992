"""What the rules brain says where no function is named: about itself, or the user's words once more. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from realtime_cli.server.brains.port import Prompt
from realtime_cli.server.brains.words import clean, excerpt, plain

WHO_I_AM = "I am the embedded server's rules brain, not a language model"
_LISTED_FUNCTIONS = 10

Answer: TypeAlias = Callable[[Prompt], str]

GREETING = f'Hello! {WHO_I_AM}: I answer by fixed rules. Ask me "what can you do?".'


def talk(prompt: Prompt, said: str) -> str:
    """The answer to what the user said where it is small talk, else the same words (and once the reason)."""
    heard = plain(clean(said))
    if not heard:
        return 'I heard no words. Say something, or ask me "what can you do?".'
    return topic(prompt, heard) or _repeat(prompt, said)


def topic(prompt: Prompt, heard: str) -> str:
    """The answer to words (as `plain` gives them) about this brain, or to mere courtesy; else nothing."""
    return next((answer(prompt) for pattern, answer in _TOPICS if pattern.search(heard)), "")


def _repeat(prompt: Prompt, said: str) -> str:
    echo = f'You said: "{excerpt(said)}".'
    if any(turn.role == "assistant" for turn in prompt.turns):
        return echo
    return f'{echo} {WHO_I_AM}, so I only repeat what I do not know. Ask me "what can you do?".'


def _abilities(prompt: Prompt) -> str:
    return (
        f"{WHO_I_AM}. I answer a few questions about myself, repeat what I do not know, "
        f"and call the session's functions when you name them. {_functions(prompt)}"
    )


def _functions(prompt: Prompt) -> str:
    names = [clean(name) for tool in prompt.tools if isinstance(name := tool.get("name"), str)]
    if not names:
        return "This session declares no functions."
    hidden = len(names) - _LISTED_FUNCTIONS
    more = f" and {hidden} more" if hidden > 0 else ""
    return f"This session declares: {', '.join(names[:_LISTED_FUNCTIONS])}{more}."


def _model(prompt: Prompt) -> str:
    asked = f'The session asks for the model "{excerpt(prompt.model)}", but no' if prompt.model else "No"
    return f"{asked} model runs here. {WHO_I_AM}."


def _instructions(prompt: Prompt) -> str:
    if not prompt.instructions.strip():
        return "The session gives me no instructions, and I would not understand them."
    told = excerpt(prompt.instructions)
    return f'My instructions are: "{told}". I can read them out, but I follow fixed rules.'


def _said(text: str) -> Answer:
    return lambda _: text


_who = _said(f"{WHO_I_AM}. I answer by fixed rules, so that clients can be built and tested without a key.")
_name = _said(f"I have no name of my own. {WHO_I_AM}.")
_clock = _said("I have no clock. Declare a function such as get_time, and I will call it.")
_voice = _said("I only choose the words. How they sound is up to the session's voice and the server.")
_wellbeing = _said("I am well, as rules always are. What can I do for you?")
_thanks = _said("You are welcome.")
_goodbye = _said("Goodbye!")
_greeting = _said(GREETING)

_HELLO = r"hello|hi|hey|hiya|good (?:morning|afternoon|evening|day)|bonjour|hola|hallo|你好|こんにちは|привет"
_SELF = r"(?:an? |the )?(?:real|human|person|machine|robot|bot|ai|chatgpt|gpt|(?:large )?language model|llm)"

_TOPICS: Sequence[tuple[re.Pattern[str], Answer]] = [
    (re.compile(pattern), answer)
    for pattern, answer in (
        (r"\bwhat (can|do) you do\b|\bwhat can i (say|ask)\b|\byou help me\b", _abilities),
        (r"^(i need )?help( me)?( please)?$|\bhow (do|does) (you|this|it) work\b", _abilities),
        (r"\b(what|which) (functions|tools)\b", _abilities),
        (r"\b(who|what) are you\b|\bwho am i (talking|speaking) (to|with)\b|\babout yourself\b", _who),
        (rf"\bare you {_SELF}\b", _who),
        (r"\byour name\b|\bwhat are you called\b", _name),
        (r"\bwhat time\b|\b(is|s|me) the (time|date)\b|\bwhat (day|date) is\b", _clock),
        (r"\b(your|which|what) voice\b|\bvoice (is this|do you)\b", _voice),
        (r"\b(your|which|what) (language )?model\b|\bmodel (is this|are you)\b", _model),
        (r"\byour (instructions?|(system )?(prompt|message))\b", _instructions),
        (r"\bhow are you\b|\bhow (is|s) it going\b", _wellbeing),
        (r"^(thank you|thanks|thx|merci|gracias|danke)\b( \w+){0,4}$", _thanks),
        (r"^(ok |okay )?(bye|goodbye|good (bye|night)|see you|ciao|adios)\b( \w+){0,3}$", _goodbye),
        (rf"^({_HELLO})( \w+){{0,2}}$", _greeting),
    )
]
