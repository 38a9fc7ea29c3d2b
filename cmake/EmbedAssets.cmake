# pgw_embed_assets(target out_name files...): turns files into C arrays in ${out_name}.c, each as it
# is and compressed.
#   const struct asset assets[], as server/assets.h declares them.
find_program(GZIP_PROGRAM gzip REQUIRED)

function(pgw_embed_assets target out_name)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${out_name}.c)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFILES=${ARGN}" -DROOT=${CMAKE_CURRENT_SOURCE_DIR}
            -DGZIP=${GZIP_PROGRAM} -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    COMMENT "Embedding ${out_name}" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
