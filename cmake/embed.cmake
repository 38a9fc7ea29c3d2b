# Run by pgw_embed_assets: writes ${OUT} from ${FILES} (relative to ${ROOT}), each as it is and as
# ${GZIP} makes it.
set(arrays "")
set(table "")
set(index 0)

# Appends the file as a C array `name`, and sets ${length} to its size.
function(add_array name file length)
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  set(arrays "${arrays}static const unsigned char ${name}[] = {${bytes}0};\n" PARENT_SCOPE)
  set(${length} ${size} PARENT_SCOPE)
endfunction()

foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  file(SHA256 ${ROOT}/${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  execute_process(COMMAND ${GZIP} -9 -n -c ${ROOT}/${file} OUTPUT_FILE ${OUT}.gz COMMAND_ERROR_IS_FATAL ANY)
  add_array(asset_${index} ${ROOT}/${file} length)
  add_array(packed_${index} ${OUT}.gz packed_length)
  string(APPEND table "    {\"${name}\", \"${hash}\", asset_${index}, ${length}, packed_${index}, ${packed_length}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(REMOVE ${OUT}.gz)
file(WRITE ${OUT}
     "#include \"assets.h\"\n\n${arrays}\nconst struct asset assets[] = {\n${table}};\n"
     "const size_t assets_count = ${index};\n")
