"""All steps, true and false: the modules beside this one add theirs to one list."""

from tests.elbo_check import _steps_analysis, _steps_attack, _steps_logic

STEPS = _steps_logic.STEPS
MODULES = (_steps_logic, _steps_analysis, _steps_attack)
