# Run by pgw_embed_assets: writes ${OUT} from ${FILES} (relative to ${ROOT}).
set(arrays "")
set(table "")
set(index 0)
foreach(file ${FILES})
  file(READ ${ROOT}/${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR length "${digits} / 2")
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  get_filename_component(name ${file} NAME)
  string(APPEND arrays "static const unsigned char asset_${index}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${name}\", asset_${index}, ${length}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT}
     "#include \"assets.h\"\n\n${arrays}\nconst struct asset assets[] = {\n${table}};\n"
     "const size_t assets_count = ${index};\n")
