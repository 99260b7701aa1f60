"""Guards answered: yes, not yet because …, cannot tell, or warning; in both languages, with what to do."""

from app.engine.machine.guards.asking import Answer, ask
from app.engine.machine.guards.situation import Situation, Verdict

__all__ = ["Answer", "Situation", "Verdict", "ask"]
