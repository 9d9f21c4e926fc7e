/* placeholder */ typedef int mw_codec_room;
