"""FTP, a file for each part. `ropewalk.protocols.ftp` is the door.

The server: `session` is a client's control connection, `verbs` the table of what it may say when; the commands are in
`logins`, `tree`, `dataconnections`, `transfers` and `about`. `data` carries the files, `kernel` without looking at
them; `shells` is the tree that a user sees, `files` what is open in it, `realms` who gets which; `factory` puts all
together. The client: `clientcontrol` sends commands and pairs them with replies, `client` adds the data connections of
`clientdata`; `remote` is the same for coroutines. What the bytes mean is in `ropewalk.protocols._wire`.
"""
