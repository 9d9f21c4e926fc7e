# mw_embed(TARGET FILE SYMBOL): the bytes of a file as `const char SYMBOL[]`, a zero after them, and `SYMBOL_len`.
function(mw_embed TARGET FILE SYMBOL)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FILE})
  file(READ ${FILE} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(REGEX REPLACE "('....','....','....','....','....','....','....','....','....','....','....','....','....','....','....','....',)" "\\1\n" bytes "${bytes}")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embed/${SYMBOL}.c)
  file(WRITE ${source}.new "#include <stddef.h>\n\nextern const char ${SYMBOL}[];\nextern const size_t ${SYMBOL}_len;\n\n"
       "const char ${SYMBOL}[] = {\n${bytes}0};\nconst size_t ${SYMBOL}_len = sizeof ${SYMBOL} - 1;\n")
  configure_file(${source}.new ${source} COPYONLY)
  target_sources(${TARGET} PRIVATE ${source})
endfunction()
