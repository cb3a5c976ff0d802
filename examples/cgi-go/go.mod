module example/cgi-go

go 1.24
