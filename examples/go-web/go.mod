module example/go-web

go 1.24
