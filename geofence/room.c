typedef int mw_geofence_room;
