"""Taking datasets in: tables read by a mapping become battles and statements, each cited."""
