# Writes the man page ${OUT}: ${TEMPLATE} with the flags that ${PROGRAM} tells of itself, and the place
# of its settings below ${SYSCONFDIR}.
execute_process(COMMAND ${PROGRAM} --help-man OUTPUT_VARIABLE told COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "^.*\n\\.SH OPTIONS\n" "" OPTIONS "${told}")
string(STRIP "${OPTIONS}" OPTIONS)
string(TIMESTAMP DATE "%Y-%m-%d" UTC) # SOURCE_DATE_EPOCH makes it reproducible
configure_file(${TEMPLATE} ${OUT} @ONLY)
